/** Earlier values of a setting, each to be put back into the form. */
import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { fmt } from '../i18n';
import { ErrorBar, Skeleton } from '../ui/state';
import type { Doc, PastValue } from './doc';
import { w, wOr } from './words';

export function Past<T>({ doc }: { doc: Doc<T> }): JSX.Element {
  const open = useSignal(false);
  const items = useSignal<PastValue<T>[] | null>(null);
  const failure = useSignal<string | null>(null);
  const saved = doc.saved.value;
  useEffect(() => {
    if (!open.value) return;
    failure.value = null;
    doc.history().then((past) => (items.value = past), (error: Error) => (failure.value = error.message));
  }, [open.value, saved]);
  return (
    <details class="set-history" onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>{w('history.title')}</summary>
      {failure.value ? <ErrorBar text={failure.value === 'offline' ? w('offline') : failure.value} /> : items.value === null ? <Skeleton lines={2} /> : items.value.length === 0 ? <p class="muted">{w('history.none')}</p> : null}
      <ol>
        {(items.value ?? []).map((past) => (
          <li key={past.revision}>
            <span>{past.at ? fmt.time(past.at, false, true) : ''} <span class="muted">{past.actor === 'local' || past.actor === null ? w('history.local') : past.actor} · {wOr(`history.${past.op}`, past.op)}</span></span>
            {past.before === null ? null : (
              <button type="button" class="btn btn-small btn-outline" onClick={() => past.before !== null && doc.set(past.before)}>{w('history.use')}</button>
            )}
          </li>
        ))}
      </ol>
      {(items.value ?? []).some((past) => past.before !== null) ? <p class="muted small">{w('history.hint')}</p> : null}
    </details>
  );
}
