import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { t } from '../i18n';
import type { Column } from './columns';
import { Icon } from './icons';
import { Menu } from './menu';
import { EmptyState, Skeleton } from './state';
import type { Action } from './types';
import type { Props } from './words';

export interface TableRow {
  id: number;
  values: Props;
}

export interface Sort {
  key: string;
  down: boolean;
}

interface DataTableProps {
  /** What is listed, for the table's name. */
  name: string;
  columns: readonly Column[];
  /** The rows of this page; null while loading for the first time. */
  rows: readonly TableRow[] | null;
  /** A new page is on its way; the old rows stay, grey. */
  loading?: boolean;
  selected: number | null;
  onSelect: (id: number) => void;
  sort: Sort | null;
  onSort: (sort: Sort) => void;
  /** Offset of the first row, rows per page, rows in all. */
  offset: number;
  pageSize: number;
  total: number;
  onOffset: (offset: number) => void;
  downloads?: readonly Action[];
  /** Layer tabs, filter chips. */
  head?: ComponentChildren;
  empty?: { text: string; action?: { label: string; run: () => void } };
  onClose?: () => void;
}

/** Sorts rows that are all here; numbers by value, text by the reader's language, empty ones last. */
export function sortRows(rows: readonly TableRow[], sort: Sort | null, locale: string): TableRow[] {
  if (!sort) return [...rows];
  const collator = new Intl.Collator(locale, { numeric: true });
  const sign = sort.down ? -1 : 1;
  const none = (v: unknown): boolean => v === null || v === undefined || v === '';
  return [...rows].sort((a, b) => {
    const x = a.values[sort.key];
    const y = b.values[sort.key];
    if (none(x) || none(y)) return Number(none(x)) - Number(none(y)) || a.id - b.id;
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y));
    return order * sign || a.id - b.id;
  });
}

/** The map as a list: same filter, same selection, by keyboard. */
export function DataTable(props: DataTableProps): JSX.Element {
  const { columns, rows, selected, onSelect, sort, total } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [active, setActive] = useState(0);
  const at = Math.min(active, Math.max(0, (rows?.length ?? 1) - 1));

  // The row of a selection made on the map comes into view.
  useEffect(() => {
    const index = rows?.findIndex((r) => r.id === selected) ?? -1;
    if (index < 0) return;
    setActive(index);
    body.current?.children[index]?.scrollIntoView({ block: 'nearest' });
  }, [selected, rows]);

  const go = (index: number): void => {
    const next = Math.max(0, Math.min((rows?.length ?? 1) - 1, index));
    setActive(next);
    (body.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows?.[at];
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: 1e9, PageDown: at + 10, PageUp: at - 10 };
    const next = steps[event.key];
    if (next !== undefined) go(next);
    else if ((event.key === 'Enter' || event.key === ' ') && row) onSelect(row.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="table" data-loading={props.loading === true}>
      <div class="table-head">
        {props.head}
        <div class="table-tools">
          {props.downloads && props.downloads.length > 0 ? (
            <Menu actions={props.downloads} class="btn btn-small" side="up">
              {t('action.download')}
              <Icon name="download" />
            </Menu>
          ) : null}
          {props.onClose ? (
            <button type="button" class="btn btn-icon btn-small" aria-label={t('action.close')} title={t('action.close')} onClick={props.onClose}>
              <Icon name="close" />
            </button>
          ) : null}
        </div>
      </div>
      {rows === null ? (
        <Skeleton lines={6} />
      ) : rows.length === 0 ? (
        <EmptyState {...(props.empty ?? { text: t('state.empty') })} />
      ) : (
        <div class="table-scroll">
          <table role="grid" aria-label={t('table.label', { name: props.name })} aria-rowcount={total} aria-busy={props.loading === true}>
            <thead>
              <tr>
                {columns.map((c) => (
                  <HeadCell key={c.key} column={c} sort={sort} onSort={props.onSort} />
                ))}
              </tr>
            </thead>
            <tbody ref={body} onKeyDown={onKeyDown}>
              {rows.map((row, i) => (
                <tr
                  key={row.id}
                  tabIndex={i === at ? 0 : -1}
                  aria-selected={row.id === selected}
                  aria-rowindex={props.offset + i + 1}
                  onClick={() => {
                    setActive(i);
                    onSelect(row.id);
                  }}
                >
                  {columns.map((c) => (
                    <td key={c.key} class={cellClass(c)}>{c.render(row.values)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows !== null && rows.length > 0 ? <Pager {...props} /> : null}
    </div>
  );
}

const cellClass = (c: Column): string => [c.number ? 'num' : '', c.mono ? 'mono' : '', c.wide ? 'wide' : ''].filter(Boolean).join(' ');

function HeadCell({ column, sort, onSort }: { column: Column; sort: Sort | null; onSort: (sort: Sort) => void }): JSX.Element {
  const on = sort?.key === column.key;
  // Numbers and times are first wanted greatest first.
  const firstDown = column.number === true || column.key === 'occurred_at';
  return (
    <th scope="col" class={cellClass(column).replace('mono', '')} aria-sort={on ? (sort.down ? 'descending' : 'ascending') : undefined}>
      {column.sortable ? (
        <button type="button" title={t('table.sortBy', { name: column.label })} onClick={() => onSort({ key: column.key, down: on ? !sort.down : firstDown })}>
          {column.label}
          {on ? <Icon name={sort.down ? 'sortDown' : 'sortUp'} /> : null}
        </button>
      ) : (
        column.label
      )}
    </th>
  );
}

function Pager({ offset, pageSize, total, rows, onOffset }: DataTableProps): JSX.Element {
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const page = Math.floor(offset / pageSize);
  const button = (icon: 'first' | 'left' | 'right' | 'last', label: string, to: number, off: boolean): JSX.Element => (
    <button type="button" class="btn btn-icon btn-small" aria-label={label} title={label} disabled={off} onClick={() => onOffset(to * pageSize)}>
      <Icon name={icon} />
    </button>
  );
  return (
    <div class="pager">
      <span>{t('table.rows', { from: offset + 1, to: offset + (rows?.length ?? 0), n: total })}</span>
      {pages > 1 ? (
        <span class="pager-buttons">
          {button('first', t('table.first'), 0, page === 0)}
          {button('left', t('table.previous'), page - 1, page === 0)}
          <span class="small">{t('table.page', { page: page + 1, n: pages })}</span>
          {button('right', t('table.next'), page + 1, page >= pages - 1)}
          {button('last', t('table.last'), pages - 1, page >= pages - 1)}
        </span>
      ) : (
        <span class="small muted table-help">{t('table.help')}</span>
      )}
    </div>
  );
}
