/** 队伍, 班次, 应巡次数: what a row of each has. */
import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useApp } from '../app/context';
import { tOr } from '../i18n';
import type { Doc } from './doc';
import { withAt, withoutAt } from './doc';
import { Cell, Rows, type Column, type Item } from './rows';
import { w } from './words';

const PER: Column = { name: 'per', title: 'visits.per', kind: 'choice', choices: ['day', 'week'], words: 'per' };
const TIMES: Column = { name: 'times', title: 'visits.times', kind: 'integer' };

const TEAMS: readonly Column[] = [
  { name: 'name', title: 'teams.name', kind: 'text', hint: 'teams.nameHint' },
  { name: 'size', title: 'teams.size', kind: 'integer' },
  { name: 'mode', title: 'teams.mode', kind: 'choice', choices: ['foot', 'ebike', 'car'], words: 'mode' },
];

const SHIFTS: readonly Column[] = [
  { name: 'name', title: 'shifts.name', kind: 'text' },
  { name: 'start', title: 'shifts.start', kind: 'time' },
  { name: 'end', title: 'shifts.end', kind: 'time', hint: 'shifts.endHint' },
  { name: 'days', title: 'shifts.days', kind: 'days' },
];

const named = (word: 'teams.nth' | 'shifts.nth') => (item: Item, index: number) => String(item.name || w(word, { n: index + 1 }));

export function Teams({ doc }: { doc: Doc<Item[]> }): JSX.Element {
  return <Rows items={doc.value.value ?? []} columns={TEAMS} wrongs={doc.wrongs.value} name={named('teams.nth')} fresh={() => ({ name: '', size: 2, mode: 'foot' })} add="teams.add" onItems={(items) => doc.set(items)} />;
}

export function Shifts({ doc }: { doc: Doc<Item[]> }): JSX.Element {
  return <Rows items={doc.value.value ?? []} columns={SHIFTS} wrongs={doc.wrongs.value} name={named('shifts.nth')} fresh={() => ({ name: '', start: '08:30', end: '11:30', days: [1, 2, 3, 4, 5] })} add="shifts.add" onItems={(items) => doc.set(items)} />;
}

export interface Visits {
  by_priority: Record<string, Item>;
  by_compound: Item[];
}

interface CompoundName {
  id: number;
  name: string;
}

export function VisitsForm({ doc }: { doc: Doc<Visits> }): JSX.Element | null {
  const app = useApp();
  const compounds = useSignal<readonly CompoundName[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    app.session.client.items('compounds', 'limit=10000', abort.signal).then(
      (answer) => {
        compounds.value = answer.features.map((f) => ({ id: f.id, name: String(f.properties.name || f.properties.code || f.id) })).sort((a, b) => a.name.localeCompare(b.name, 'zh'));
      },
      () => undefined,
    );
    return () => abort.abort();
  }, []);
  const visits = doc.value.value;
  if (!visits) return null;
  const wrongs = doc.wrongs.value;
  const setLevel = (level: string, rule: Item | null): void => {
    const { [level]: _, ...rest } = visits.by_priority;
    doc.set({ ...visits, by_priority: rule ? { ...rest, [level]: rule } : rest });
  };
  const names = new Map(compounds.value.map((c) => [c.id, c.name]));
  const setRows = (rows: Item[]): void => doc.set({ ...visits, by_compound: rows });
  const used = new Set(visits.by_compound.map((row) => row.compound));
  return (
    <>
      <h3>{w('visits.byPriority')}</h3>
      <ol class="set-rows">
        {['1', '2', '3'].map((level) => {
          const rule = visits.by_priority[level];
          return (
            <li key={level} class="set-row">
              <fieldset>
                <legend>{tOr(`priority.${level}`, level)}</legend>
                <div class="set-cells">
                  <label class="row-plain set-bool"><input class="check" type="checkbox" checked={rule !== undefined} onChange={(event) => setLevel(level, event.currentTarget.checked ? { per: 'day', times: 1 } : null)} /> {w('visits.wanted')}</label>
                  {rule ? [PER, TIMES].map((column) => (
                    <Cell key={column.name} column={column} value={rule[column.name]} wrong={wrongs[`/by_priority/${level}/${column.name}`]} onValue={(value) => setLevel(level, { ...rule, [column.name]: value })} />
                  )) : null}
                </div>
              </fieldset>
            </li>
          );
        })}
      </ol>
      <h3>{w('visits.byCompound')}</h3>
      <p class="muted small">{w('visits.byCompoundHint')}</p>
      <ol class="set-rows">
        {visits.by_compound.map((row, index) => {
          const id = Number(row.compound);
          const name = names.get(id) ?? w('visits.unknown', { n: String(row.compound) });
          return (
            <li key={index} class="set-row">
              <fieldset>
                <legend>{name}</legend>
                <div class="set-cells">
                  {[PER, TIMES].map((column) => (
                    <Cell key={column.name} column={column} value={row[column.name]} wrong={wrongs[`/by_compound/${index}/${column.name}`]} onValue={(value) => setRows(withAt(visits.by_compound, index, { ...row, [column.name]: value }))} />
                  ))}
                </div>
                {wrongs[`/by_compound/${index}/compound`] ? <p class="set-why">{wrongs[`/by_compound/${index}/compound`]}</p> : null}
                <p class="set-acts"><button type="button" class="btn btn-small" aria-label={w('rows.removeThis', { name })} onClick={() => setRows(withoutAt(visits.by_compound, index))}>{w('rows.remove')}</button></p>
              </fieldset>
            </li>
          );
        })}
      </ol>
      <label class="set-cell set-add">
        <span>{w('visits.add')}</span>
        <select class="field" value="" onChange={(event) => {
          const id = Number(event.currentTarget.value);
          event.currentTarget.value = '';
          if (id) setRows([...visits.by_compound, { compound: id, per: 'day', times: 1 }]);
        }}>
          <option value="">{w('rows.choose')}</option>
          {compounds.value.filter((c) => !used.has(c.id)).map((c) => <option key={c.id} value={String(c.id)}>{c.name}</option>)}
        </select>
      </label>
    </>
  );
}
