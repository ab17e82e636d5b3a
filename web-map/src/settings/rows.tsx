/** A list of a few rows as a table of fields. */
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { JSX } from 'preact';
import { weekdayName } from '../i18n';
import { swapped, withAt, withoutAt, type Wrongs } from './doc';
import { w, wOr, type Word } from './words';

export type Item = Record<string, unknown>;

export interface Column {
  name: string;
  title: Word;
  kind: 'text' | 'integer' | 'choice' | 'time' | 'days' | 'bool' | 'long' | 'number' | 'list';
  choices?: readonly (string | number)[];
  /** Word group of the choices. */
  words?: string;
  hint?: Word;
  /** A member that is left out when it is empty. */
  optional?: boolean;
}

interface RowsProps {
  items: readonly Item[];
  columns: readonly Column[] | ((item: Item) => readonly Column[]);
  wrongs: Wrongs;
  /** JSON pointer of the list. */
  at?: string;
  name: (item: Item, index: number) => string;
  fresh: () => Item;
  add: Word;
  onItems: (items: Item[]) => void;
  /** Below the fields of a row. */
  after?: (item: Item, index: number) => JSX.Element | null;
}

export function Rows({ items, columns, wrongs, at = '', name, fresh, add, onItems, after }: RowsProps): JSX.Element {
  return (
    <>
      {items.length === 0 ? <p class="muted">{w('rows.none')}</p> : null}
      <ol class="set-rows">
        {items.map((item, index) => (
          <li key={index} class="set-row">
            <fieldset>
              <legend>{name(item, index)}</legend>
              <div class="set-cells">
                {(typeof columns === 'function' ? columns(item) : columns).map((column) => (
                  <Cell key={column.name} column={column} value={item[column.name]} wrong={wrongs[`${at}/${index}/${column.name}`]} onValue={(value) => onItems(withAt(items, index, put(item, column, value)))} />
                ))}
              </div>
              {wrongs[`${at}/${index}`] ? <p class="set-why">{wrongs[`${at}/${index}`]}</p> : null}
              {after?.(item, index) ?? null}
              <p class="set-acts">
                <button type="button" class="btn btn-small" aria-label={w('rows.upThis', { name: name(item, index) })} aria-disabled={index === 0} onClick={() => onItems(swapped(items, index, index - 1))}>{w('rows.up')}</button>
                <button type="button" class="btn btn-small" aria-label={w('rows.downThis', { name: name(item, index) })} aria-disabled={index === items.length - 1} onClick={() => onItems(swapped(items, index, index + 1))}>{w('rows.down')}</button>
                <button type="button" class="btn btn-small" aria-label={w('rows.removeThis', { name: name(item, index) })} onClick={() => onItems(withoutAt(items, index))}>{w('rows.remove')}</button>
              </p>
            </fieldset>
          </li>
        ))}
      </ol>
      <button type="button" class="btn btn-outline" onClick={() => onItems([...items, fresh()])}>{w(add)}</button>
    </>
  );
}

function put(item: Item, column: Column, value: unknown): Item {
  if (column.optional && (value === '' || value === null || (Array.isArray(value) && value.length === 0))) {
    const { [column.name]: _, ...rest } = item;
    return rest;
  }
  return { ...item, [column.name]: value };
}

interface CellProps {
  column: Column;
  value: unknown;
  wrong: string | undefined;
  onValue: (value: unknown) => void;
}

export function Cell({ column, value, wrong, onValue }: CellProps): JSX.Element {
  const id = useId();
  const why = wrong ? { 'aria-invalid': true, 'aria-describedby': `${id}-why` } : column.hint ? { 'aria-describedby': `${id}-hint` } : {};
  const title = w(column.title);
  if (column.kind === 'days') return <Days title={title} value={Array.isArray(value) ? (value as number[]) : []} wrong={wrong} onValue={onValue} />;
  let input: JSX.Element;
  switch (column.kind) {
    case 'choice':
      input = (
        <select id={id} class="field" {...why} value={String(value ?? '')} onChange={(event) => {
          const text = event.currentTarget.value;
          onValue(column.choices?.find((choice) => String(choice) === text) ?? text);
        }}>
          {column.choices?.includes(value as never) ? null : <option value={String(value ?? '')}>{value === undefined || value === null ? w('rows.choose') : String(value)}</option>}
          {column.choices?.map((choice) => <option key={choice} value={String(choice)}>{wOr(`${column.words}.${choice}`, String(choice))}</option>)}
        </select>
      );
      break;
    case 'bool':
      return (
        <label class="row-plain set-bool"><input class="check" type="checkbox" checked={value === true} onChange={(event) => onValue(event.currentTarget.checked)} /> {title}</label>
      );
    case 'integer':
    case 'number':
      input = <input id={id} class="field" {...why} inputMode="numeric" autocomplete="off" value={value === undefined || value === null ? '' : String(value)} onInput={(event) => onValue(numberOr(event.currentTarget.value))} />;
      break;
    case 'list':
      input = <ListField id={id} why={why} value={Array.isArray(value) ? (value as unknown[]).map(String) : []} onValue={onValue} />;
      break;
    case 'time':
      input = <input id={id} class="field" type="time" {...why} value={String(value ?? '')} onInput={(event) => onValue(event.currentTarget.value)} />;
      break;
    default:
      input = <input id={id} class="field" {...why} autocomplete="off" value={String(value ?? '')} onInput={(event) => onValue(event.currentTarget.value)} />;
  }
  return (
    <div class={column.kind === 'long' ? 'set-cell set-long' : 'set-cell'} data-wrong={Boolean(wrong)}>
      <label for={id}>{title}</label>
      {input}
      {wrong ? <p id={`${id}-why`} class="set-why">{wrong}</p> : column.hint ? <p id={`${id}-hint`} class="muted small">{w(column.hint)}</p> : null}
    </div>
  );
}

/** Words separated by commas. What is typed stays as it is while it is typed. */
function ListField({ id, why, value, onValue }: { id: string; why: object; value: readonly string[]; onValue: (value: string[]) => void }): JSX.Element {
  const typed = useSignal(value.join(', '));
  if (listOf(typed.value).join() !== value.join()) typed.value = value.join(', ');
  return (
    <input id={id} class="field" {...why} autocomplete="off" value={typed.value} onInput={(event) => {
      typed.value = event.currentTarget.value;
      onValue(listOf(typed.value));
    }} />
  );
}

export function listOf(text: string): string[] {
  return text.split(/[\s,，、;；]+/).filter(Boolean);
}

/** A number as it is typed; what is none stays text, for the server to name. */
export function numberOr(text: string): unknown {
  const clean = text.trim();
  return /^-?\d{1,9}(\.\d{1,6})?$/.test(clean) ? Number(clean) : clean === '' ? null : clean;
}

function Days({ title, value, wrong, onValue }: { title: string; value: readonly number[]; wrong: string | undefined; onValue: (value: number[]) => void }): JSX.Element {
  return (
    <div class="set-cell set-long" role="group" aria-label={title}>
      <span class="set-label">{title}</span>
      <div class="weekdays set-days">
        {[1, 2, 3, 4, 5, 6, 7].map((day) => (
          <button key={day} type="button" aria-pressed={value.includes(day)} onClick={() => onValue(value.includes(day) ? value.filter((d) => d !== day) : [...value, day].sort((a, b) => a - b))}>
            {weekdayName(day, true)}
          </button>
        ))}
      </div>
      {wrong ? <p class="set-why">{wrong}</p> : null}
    </div>
  );
}
