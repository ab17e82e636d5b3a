import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { fmt } from '../i18n';
import { Icon } from '../ui/icons';
import { layout } from '../ui/layout';
import { ErrorBar } from '../ui/state';
import { useFlow } from './context';
import { targetOf } from './mapping';
import { toneOf } from './sample';
import { ledger } from './steps';
import { TargetMenu, targetWords, type Anchor } from './targets';
import type { Column, Row, RowNote, Show } from './types';
import { w, type Word } from './words';

/** Rows kept above and below what is in sight. */
const SPARE = 8;
const CHIPS: readonly Show[] = ['all', 'confirm', 'rejected'];

/** Pixels a text needs, near enough for a column: Han letters are twice as wide. */
export function widthOf(text: string): number {
  let px = 0;
  for (const letter of text) px += letter > '\u2e7f' ? 14 : 7.6;
  return px;
}

/** Widths from the headings and the samples, so that columns stand still while rows come and go. */
export function columnWidths(columns: readonly Column[], titles: readonly string[]): number[] {
  return columns.map((column, i) => {
    const needs = [column.name, titles[i] ?? '', ...column.samples].map(widthOf);
    return Math.round(Math.max(column.personal ? 64 : 72, Math.min(240, Math.max(...needs) + 26)));
  });
}

/** Room for the words of the rows at hand, without taking it from the columns. */
function outcomeWidth(rows: Iterable<Row>): number {
  let px = 108;
  for (const row of rows) px = Math.max(px, widthOf(row.words) + 26);
  return Math.round(Math.min(px, 208));
}

function Chips(): JSX.Element {
  const flow = useFlow();
  const counts = flow.session.value?.counts;
  const sums = counts ? ledger(counts) : { total: 0, confirm: 0, rejected: 0 };
  const numbers: Record<Show, number> = { all: sums.total, confirm: sums.confirm, rejected: sums.rejected };
  const { show, problem } = flow;
  return (
    <div class="segments imp-chips" role="group" aria-label={w('preview.show')}>
      {CHIPS.map((chip) => (
        <button key={chip} type="button" aria-pressed={show.value === chip && problem.value === null} onClick={() => flow.setShow(chip)}>
          {w(`preview.${chip}` as Word, { n: numbers[chip] })}
        </button>
      ))}
    </div>
  );
}

function OnlyChip(): JSX.Element | null {
  const flow = useFlow();
  const code = flow.problem.value;
  const problem = flow.session.value?.problems.find((p) => p.code === code);
  if (!code || !problem) return null;
  return (
    <span class="chip">
      <span>{w('preview.only', { name: problem.title })}</span>
      <button type="button" aria-label={w('preview.onlyOff', { name: problem.title })} title={w('preview.onlyOff', { name: problem.title })} onClick={() => flow.setShow('all')}>
        <Icon name="close" />
      </button>
    </span>
  );
}

const noteOn = (row: Row, column: Column): RowNote | undefined => row.notes.find((note) => note.column === column.name);

function Cell({ row, column, value }: { row: Row; column: Column; value: string | null }): JSX.Element {
  if (column.personal) {
    return (
      <td class="imp-blank">
        <span aria-hidden="true" />
        <span class="visually-hidden">{w('preview.blank')}</span>
      </td>
    );
  }
  const note = noteOn(row, column);
  const tone = note ? (note.severity === 'rejected' ? 'bad' : 'warn') : undefined;
  return (
    <td class={isNumber(column) ? 'num' : isCode(column) ? 'mono' : ''} data-tone={tone} title={note?.reason ?? value ?? undefined}>
      <span class="imp-cell">{value ?? '—'}</span>
      {note ? <span class="visually-hidden"> ({note.reason})</span> : null}
    </td>
  );
}

/** Codes are names made of digits, not numbers. */
const isCode = (column: Column): boolean => column.field === 'id' || column.field === 'code';
const isNumber = (column: Column): boolean => !isCode(column) && (['number', 'integer', 'real'].includes(column.type) || column.field === 'lon' || column.field === 'lat');

/** The file as it will be stored, a row a line, only the lines in sight. */
export function Preview(): JSX.Element {
  const flow = useFlow();
  const session = flow.session.value;
  const { total, rows, failed } = flow.rows.state.value;
  const scroll = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const top = useSignal(0);
  const height = useSignal(380);
  const row = useSignal(32);
  const active = useSignal(0);
  const menu = useSignal<{ column: string; anchor: Anchor } | null>(null);
  const columns = session?.columns ?? [];
  const titles = columns.map((column) => targetWords(flow.draft.value, session, column));
  const widths = columnWidths(columns, titles);
  const count = total ?? 0;
  const outcomePx = layout.value === 'phone' ? 108 : outcomeWidth(rows.values());
  const rowPx = row.value;
  const first = Math.max(0, Math.floor(top.value / rowPx) - SPARE);
  const last = Math.min(count, Math.ceil((top.value + height.value) / rowPx) + SPARE);
  // What the reader really sees, for the heading.
  const seenFrom = Math.min(count, Math.floor(top.value / rowPx) + 1);
  const seenTo = Math.min(count, Math.max(seenFrom, Math.floor((top.value + height.value - HEAD_PX) / rowPx)));
  const at = Math.min(active.value, Math.max(0, count - 1));

  useEffect(() => {
    flow.rows.need(first, Math.max(first, last - 1));
  }, [first, last, count]);
  useLayoutEffect(() => {
    const box = scroll.current;
    if (!box) return undefined;
    const measure = (): void => {
      height.value = box.clientHeight;
      row.value = window.matchMedia('(pointer:coarse)').matches ? 44 : 29;
    };
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(box);
    return () => watcher.disconnect();
  }, []);
  // Another list starts at its first row.
  useEffect(() => {
    if (scroll.current) scroll.current.scrollTop = 0;
    active.value = 0;
  }, [flow.show.value, flow.problem.value]);
  // A row picked on the map comes into sight.
  const picked = flow.picked.value;
  useEffect(() => {
    if (!picked) return;
    for (const [index, known] of rows) {
      if (known.row !== picked.row) continue;
      active.value = index;
      reveal(scroll.current, index, rowPx);
      break;
    }
  }, [picked]);

  const go = (index: number): void => {
    const next = Math.max(0, Math.min(count - 1, index));
    active.value = next;
    reveal(scroll.current, next, rowPx);
    requestAnimationFrame(() => body.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus({ preventScroll: true }));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: count - 1, PageDown: at + 10, PageUp: at - 10 };
    const next = steps[event.key];
    const here = rows.get(at);
    if (next !== undefined) go(next);
    else if ((event.key === 'Enter' || event.key === ' ') && here) flow.picked.value = here;
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const lines: JSX.Element[] = [];
  for (let i = first; i < last; i++) {
    const item = rows.get(i);
    lines.push(
      item ? (
        <tr
          key={i}
          data-index={i}
          data-result={item.result}
          tabIndex={i === at ? 0 : -1}
          aria-rowindex={i + 2}
          aria-selected={picked?.row === item.row}
          onClick={() => {
            active.value = i;
            flow.picked.value = item;
          }}
        >
          <th scope="row" class="num imp-rowno">{item.row}</th>
          {columns.map((column, c) => <Cell key={c} row={item} column={column} value={item.cells[c] ?? null} />)}
          <td class="imp-words" data-tone={toneOf(item)} title={item.words}><span class="imp-cell">{item.words}</span></td>
        </tr>
      ) : (
        <tr key={i} data-index={i} aria-rowindex={i + 2} class="imp-wait"><td colSpan={columns.length + 2}>&nbsp;</td></tr>
      ),
    );
  }
  const spacer = (n: number, key: string): JSX.Element | null =>
    n > 0 ? <tr key={key} aria-hidden="true" class="imp-spacer"><td colSpan={columns.length + 2} style={{ height: `${n * rowPx}px` }} /></tr> : null;
  const busy = flow.pending.value || session?.state === 'checking';

  return (
    <section class="imp-preview" aria-labelledby="imp-preview-title">
      <div class="imp-section-head">
        <h3 id="imp-preview-title">{w('preview.title')}</h3>
        <span class="muted small" aria-live="off">
          {total === null ? '' : count === 0 ? w('preview.none') : w('preview.range', { total: count, from: seenFrom, to: seenTo })}
        </span>
        <OnlyChip />
        <Chips />
      </div>
      {failed ? <ErrorBar text={w('preview.failed')} onRetry={() => flow.rows.need(first, Math.max(first, last - 1))} /> : null}
      <div class="imp-card imp-table" data-busy={busy}>
        <div class="imp-scroll" ref={scroll} onScroll={(event) => (top.value = event.currentTarget.scrollTop)}>
          <table role="grid" aria-label={w('preview.label')} aria-rowcount={count + 1} aria-busy={busy}>
            <colgroup>
              <col style={{ width: '52px' }} />
              {widths.map((px, i) => <col key={i} style={{ width: `${px}px` }} />)}
              <col style={{ width: `${outcomePx}px` }} />
            </colgroup>
            <thead>
              <tr aria-rowindex={1}>
                <th scope="col" class="num imp-rowno">{w('preview.row')}</th>
                {columns.map((column, i) => (
                  <HeadCell key={i} column={column} title={titles[i] ?? ''} open={menu.value?.column === column.name} onOpen={(anchor) => (menu.value = { column: column.name, anchor })} />
                ))}
                <th scope="col" class="imp-words">{w('preview.result')}</th>
              </tr>
            </thead>
            <tbody ref={body} onKeyDown={onKeyDown}>
              {spacer(first, 'before')}
              {lines}
              {spacer(count - last, 'after')}
            </tbody>
          </table>
        </div>
        <PickedRow />
      </div>
      {menu.value ? <TargetMenu column={menu.value.column} anchor={menu.value.anchor} onClose={() => (menu.value = null)} /> : null}
    </section>
  );
}

const HEAD_PX = 42;

function reveal(box: HTMLElement | null, index: number, rowPx: number): void {
  if (!box) return;
  const above = index * rowPx;
  const below = above + rowPx + HEAD_PX;
  if (above < box.scrollTop) box.scrollTop = above;
  else if (below > box.scrollTop + box.clientHeight) box.scrollTop = below - box.clientHeight;
}

function HeadCell({ column, title, open, onOpen }: { column: Column; title: string; open: boolean; onOpen: (anchor: Anchor) => void }): JSX.Element {
  const flow = useFlow();
  const target = targetOf(flow.draft.value, flow.session.value?.columns ?? [], column.name);
  const inner = (
    <>
      <span class="imp-col-name">{column.name}</span>
      <span class="imp-col-target" data-to={target.to}>{title}</span>
    </>
  );
  if (column.personal) {
    return <th scope="col" class="imp-blank" title={w('target.personal')}><span class="imp-col">{inner}</span></th>;
  }
  return (
    <th scope="col" class={isNumber(column) ? 'num' : ''}>
      <button
        type="button"
        class="imp-col"
        aria-haspopup="menu"
        aria-expanded={open}
        title={w('target.change', { column: column.name, target: title })}
        onClick={(event) => {
          const { left, bottom, top: up } = event.currentTarget.getBoundingClientRect();
          onOpen({ left, top: up, bottom, from: event.currentTarget });
        }}
      >
        {inner}
        <span class="visually-hidden">{w('target.do')}</span>
      </button>
    </th>
  );
}

/** The reasons for the picked row, in words. */
function PickedRow(): JSX.Element {
  const flow = useFlow();
  const row = flow.picked.value;
  return (
    <p class="imp-picked" role="status">
      {row ? (
        <>
          <strong>{w('preview.picked', { row: fmt.num(row.row) })}</strong>{' '}
          <span data-tone={toneOf(row)}>{row.words}</span>
          {row.notes.map((note, i) => <span key={i} data-tone={note.severity === 'rejected' ? 'bad' : 'warn'}> · {note.column ? `${note.column}: ` : ''}{note.reason}</span>)}
          {row.at ? null : <span class="muted"> · {w('preview.noPlace')}</span>}
        </>
      ) : (
        <span class="muted">{w('preview.pick')}</span>
      )}
    </p>
  );
}
