import { useEffect, useMemo } from 'preact/hooks';
import { effect, signal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { ApiError } from '../api/client';
import { withColumn, type ColumnType } from '../state/columns';
import { filterQuery } from '../state/filter';
import { debounce } from '../state/loader';
import { KeptColumns, type ColumnValues } from '../ui/kept';
import { useApp } from './context';
import type { Controller } from './controller';

const QUIET_MS = 200;

/** The values of the columns that are open, asked for again as the other filters change. */
class Suggestions {
  readonly known: Signal<ReadonlyMap<string, ColumnValues>> = signal(new Map());
  /** The server has no list of values: nothing to choose from. */
  readonly missing = signal(false);
  private readonly open: Signal<readonly string[]> = signal([]);
  private readonly asked = new Map<string, AbortController>();

  constructor(private readonly app: Controller) {}

  /** Keeps asking until it is stopped. */
  follow(): () => void {
    const quiet = debounce(QUIET_MS, () => this.ask());
    const stop = effect(() => {
      void this.app.session.filter.value;
      void this.open.value;
      void this.app.session.changed.value;
      quiet();
    });
    return () => {
      stop();
      for (const controller of this.asked.values()) controller.abort();
    };
  }

  want(name: string): void {
    if (!this.open.peek().includes(name)) this.open.value = [...this.open.peek(), name];
  }

  private ask(): void {
    for (const name of this.open.peek()) void this.load(name);
  }

  private async load(name: string): Promise<void> {
    this.asked.get(name)?.abort();
    const controller = new AbortController();
    this.asked.set(name, controller);
    try {
      const values = await this.app.session.client.values(name, filterQuery(this.app.session.filter.peek(), [], name), controller.signal);
      this.known.value = new Map(this.known.peek()).set(name, values);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.missing.value = true;
    }
  }
}

/** Filters on the columns of incidents that were kept at import; nothing where there are none. */
export function Kept(): JSX.Element | null {
  const app = useApp();
  const columns = app.session.meta.value?.extra_columns.incidents ?? [];
  const suggestions = useMemo(() => new Suggestions(app), [app]);
  const chosen = app.store.state.value.columns;
  const first = columns[0]?.name;
  useEffect(() => {
    if (!first) return undefined;
    // The first is asked for unopened, to learn whether the server can tell values at all.
    for (const name of new Set([first, ...Object.keys(chosen).filter((name) => columns.some((column) => column.name === name))])) suggestions.want(name);
    return suggestions.follow();
  }, [suggestions, first]);
  if (!first || suggestions.missing.value) return null;
  const known = suggestions.known.value;
  return (
    <KeptColumns
      columns={columns.map(({ name, type }) => ({ name, type: type as ColumnType, chosen: chosen[name] ?? [], values: known.get(name) ?? null }))}
      onOpen={(name) => suggestions.want(name)}
      onChange={(name, values) => app.set({ columns: withColumn(app.store.state.peek().columns, name, values) })}
    />
  );
}
