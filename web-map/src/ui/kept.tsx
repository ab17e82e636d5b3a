import { useEffect, useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { fmt, t } from '../i18n';
import { rangeOf, rangeValue, type ColumnType } from '../state/columns';
import { Icon } from './icons';
import { Section } from './section';

/** What `/api/values` says about a column under the other filters. */
export interface ColumnValues {
  type: ColumnType;
  values: readonly { value: string | number; count: number }[];
  /** How many more values there are. */
  more: number | boolean;
  min: string | number | null;
  max: string | number | null;
}

export interface KeptColumn {
  name: string;
  type: ColumnType;
  /** The values it is held to; one range for numbers and dates. */
  chosen: readonly string[];
  /** `null` while they are fetched. */
  values: ColumnValues | null;
}

interface KeptProps {
  columns: readonly KeptColumn[];
  onOpen: (name: string) => void;
  onChange: (name: string, values: readonly string[]) => void;
}

/** Values shown before the rest is asked for. */
const SHORT_LIST = 8;

/** The columns that were kept at import, each to be opened and narrowed. */
export function KeptColumns({ columns, onOpen, onChange }: KeptProps): JSX.Element {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(columns.filter((column) => column.chosen.length > 0).map((column) => column.name)));
  const toggle = (name: string): void => {
    const next = new Set(open);
    if (!next.delete(name)) {
      next.add(name);
      onOpen(name);
    }
    setOpen(next);
  };
  return (
    <Section title={t('panel.columns')} class="kept">
      <ul class="rows">
        {columns.map((column) => {
          const expanded = open.has(column.name);
          return (
            <li key={column.name}>
              <button type="button" class="kept-head" aria-expanded={expanded} onClick={() => toggle(column.name)}>
                <Icon name={expanded ? 'down' : 'right'} />
                <span class="row-name">{column.name}</span>
                {column.chosen.length > 0 ? <span class="badge">{column.type === 'text' ? fmt.num(column.chosen.length) : t('column.range')}</span> : null}
              </button>
              {expanded ? <div class="kept-body">{body(column, (values) => onChange(column.name, values))}</div> : null}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function body(column: KeptColumn, onChange: (values: readonly string[]) => void): ComponentChildren {
  return column.type === 'text' ? <TextValues column={column} onChange={onChange} /> : <RangeFields column={column} onChange={onChange} />;
}

interface FieldProps {
  column: KeptColumn;
  onChange: (values: readonly string[]) => void;
}

/** A list of values with counts, the chosen ones first, and a field for one that is not in it. */
function TextValues({ column, onChange }: FieldProps): JSX.Element {
  const [all, setAll] = useState(false);
  const [typed, setTyped] = useState('');
  const { chosen, values } = column;
  if (!values) return <p class="muted small">{t('state.loading')}</p>;
  const known = new Map(values.values.map(({ value, count }) => [String(value), count]));
  const wanted = typed.trim().toLowerCase();
  const others = [...known.keys()].filter((value) => !chosen.includes(value) && (!wanted || value.toLowerCase().includes(wanted)));
  const shown = all || wanted ? others : others.slice(0, Math.max(0, SHORT_LIST - chosen.length));
  const exact = typed.trim() !== '' && !known.has(typed.trim()) && !chosen.includes(typed.trim());
  const set = (value: string, on: boolean): void => onChange(on ? [...chosen, value] : chosen.filter((other) => other !== value));
  const searchable = values.more || known.size > SHORT_LIST;
  return (
    <>
      {searchable ? (
        <input
          class="field"
          type="search"
          value={typed}
          placeholder={t('column.find')}
          aria-label={t('column.findIn', { name: column.name })}
          onInput={(e) => setTyped(e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key !== 'Enter' || typed.trim() === '') return;
            const value = known.has(typed.trim()) || exact ? typed.trim() : others[0];
            if (value === undefined || chosen.includes(value)) return;
            set(value, true);
            setTyped('');
          }}
        />
      ) : null}
      <ul class="kept-values" role="group" aria-label={column.name}>
        {[...chosen, ...shown].map((value) => (
          <li class="row" key={value}>
            <label>
              <input class="check" type="checkbox" checked={chosen.includes(value)} onChange={(e) => set(value, e.currentTarget.checked)} />
              <span class="row-name" title={value}>{value}</span>
              <span class="row-count">{known.has(value) ? fmt.num(known.get(value)) : values.more ? '' : fmt.num(0)}</span>
            </label>
          </li>
        ))}
      </ul>
      {known.size === 0 && chosen.length === 0 ? <p class="muted small">{t('column.empty')}</p> : null}
      {exact && others.length === 0 ? (
        <button type="button" class="btn btn-link btn-small" onClick={() => { set(typed.trim(), true); setTyped(''); }}>
          {t('column.use', { value: typed.trim() })}
        </button>
      ) : null}
      {!wanted && shown.length < others.length ? (
        <button type="button" class="btn btn-link btn-small" onClick={() => setAll(true)}>{t('column.all', { n: others.length + chosen.length })}</button>
      ) : null}
      {values.more && (all || wanted) ? <p class="muted small">{t('column.more')}</p> : null}
    </>
  );
}

/** From and to; either may stay open. */
function RangeFields({ column, onChange }: FieldProps): JSX.Element {
  const { chosen, values, type } = column;
  const range = rangeOf(chosen);
  const hint = (value: string | number | null | undefined): string => (value === null || value === undefined ? '' : String(value).slice(0, 10));
  const put = (end: 'from' | 'to', text: string): void => {
    const clean = type === 'number' ? text.trim().replace(',', '.') : text;
    if (clean !== '' && type === 'number' && !Number.isFinite(Number(clean))) return;
    let next = { ...range, [end]: clean };
    // Ends the wrong way round are meant the other way.
    if (next.from && next.to && (type === 'number' ? Number(next.from) > Number(next.to) : next.from > next.to)) next = { from: next.to, to: next.from };
    const value = rangeValue(next);
    onChange(value === null ? [] : [value]);
  };
  const field = (end: 'from' | 'to'): JSX.Element => (
    <RangeField
      date={type === 'date'}
      label={t(`column.${end}`)}
      name={`${column.name} ${t(`column.${end}`)}`}
      value={range[end]}
      hint={hint(end === 'from' ? values?.min : values?.max)}
      onChange={(text) => put(end, text)}
    />
  );
  return (
    <div class="kept-range">
      {field('from')}
      {field('to')}
      {values && values.min !== null && values.max !== null ? <p class="muted small">{t('column.extent', { min: hint(values.min), max: hint(values.max) })}</p> : null}
      {chosen.length > 0 ? <button type="button" class="btn btn-link btn-small" onClick={() => onChange([])}>{t('action.clear')}</button> : null}
    </div>
  );
}

interface RangeFieldProps {
  date: boolean;
  label: string;
  name: string;
  value: string;
  hint: string;
  onChange: (text: string) => void;
}

/** One end of a range. What is being typed is kept here, so that an answer arriving meanwhile does not wipe it. */
function RangeField({ date, label, name, value, hint, onChange }: RangeFieldProps): JSX.Element {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const common = {
    class: 'field',
    value: typed,
    'aria-label': name,
    onInput: (e: { currentTarget: HTMLInputElement }) => setTyped(e.currentTarget.value),
    onChange: (e: { currentTarget: HTMLInputElement }) => onChange(e.currentTarget.value),
  };
  return (
    <label>
      <span>{label}</span>
      {date ? <input type="date" {...common} /> : <input type="text" inputMode="decimal" placeholder={hint} {...common} />}
    </label>
  );
}
