/** The properties of a feature as a form. */
import { useId } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import type { Kind } from '../api/types';
import type { Controller } from '../app/controller';
import { lang, tOr } from '../i18n';
import type { EditJob } from './edit';
import { categoriesOf, STATUSES, type Field } from './fields';
import { w, wOr } from './words';

interface FormProps {
  app: Controller;
  job: EditJob;
}

export function Form({ app, job }: FormProps): JSX.Element {
  return (
    <section class="draw-section" aria-label={w('form.title')}>
      <h3>{w('form.title')}</h3>
      {job.layer === 'incidents' ? <p class="muted small">{w('form.private')}</p> : null}
      <div class="draw-fields">
        {job.fields.map((field) => (
          <FormField key={field.name} app={app} job={job} field={field} />
        ))}
      </div>
    </section>
  );
}

function title(field: Field): string {
  return lang.value === 'en' ? field.title.en : field.title.zh;
}

function FormField({ app, job, field }: FormProps & { field: Field }): JSX.Element {
  const id = useId();
  const text = job.texts.value[field.name] ?? '';
  const wrong = job.wrong.value[field.name];
  const told = job.told.value[field.name];
  const words = wrong ? wOr(`form.wrong.${wrong}`, wrong) : (told ?? '');
  const common = {
    id,
    'aria-invalid': words ? true : undefined,
    'aria-describedby': words ? `${id}-why` : undefined,
    'aria-required': field.required || undefined,
  };
  const set = (value: string): void => job.setText(field.name, value);
  let input: ComponentChildren;
  if (field.type === 'bool') {
    return (
      <div class="draw-field">
        <span />
        <label class="row-plain">
          <input class="check" type="checkbox" checked={text === 'true'} onChange={(event) => set(String(event.currentTarget.checked))} />
          {title(field)}
        </label>
      </div>
    );
  }
  if (job.layer === 'incidents' && field.name === 'category') input = <CategorySelect app={app} job={job} common={common} text={text} onText={set} />;
  else if (field.choices) {
    input = (
      <select {...common} class="field" value={text} onChange={(event) => set(event.currentTarget.value)}>
        {field.choices.includes(text) ? null : <option value={text}>{text || w('form.unset')}</option>}
        {field.choices.map((code) => (
          <option key={code} value={code}>{tOr(`${field.words}.${code}`, code)}</option>
        ))}
      </select>
    );
  } else if (field.long) input = <textarea {...common} class="field draw-text" rows={4} value={text} onInput={(event) => set(event.currentTarget.value)} />;
  else {
    const type = field.type === 'date' ? 'date' : field.type === 'instant' ? 'datetime-local' : 'text';
    const list = job.layer === 'incidents' && field.name === 'status' ? `${id}-list` : undefined;
    input = (
      <>
        <input {...common} class="field" type={type} {...(field.type === 'integer' || field.type === 'number' ? { inputMode: 'numeric' } : {})} {...(list ? { list } : {})} autocomplete="off" value={text} onInput={(event) => set(event.currentTarget.value)} />
        {list ? (
          <datalist id={list}>
            {/* The words that sources use are kept as they are; these are the usual ones. */}
            {STATUSES.map((status) => <option key={status} value={STATUS_WORDS[status]} />)}
          </datalist>
        ) : null}
      </>
    );
  }
  return (
    <div class="draw-field" data-wrong={Boolean(words)}>
      <label for={id}>{title(field)}{field.required ? <span aria-hidden="true"> *</span> : null}</label>
      <div>
        {input}
        {words ? <p id={`${id}-why`} class="draw-why">{words}</p> : null}
      </div>
    </div>
  );
}

/** What ledgers write, whatever language the screen has. */
const STATUS_WORDS: Record<(typeof STATUSES)[number], string> = { open: '待处置', assigned: '已派单', handling: '处置中', closed: '已办结' };

interface CategoryProps extends FormProps {
  common: Record<string, unknown>;
  text: string;
  onText: (text: string) => void;
}

function CategorySelect({ app, job, common, text, onText }: CategoryProps): JSX.Element {
  const tree = app.session.meta.value?.categories ?? [];
  const kind = (job.texts.value.kind ?? null) as Kind | null;
  const items = categoriesOf(tree, kind);
  const known = items.some((item) => item.code === text);
  return (
    <select {...common} class="field" value={text} onChange={(event) => onText(event.currentTarget.value)}>
      {known ? null : <option value={text}>{text ? `${tree.find((item) => item.code === text)?.name_zh ?? text}` : w('form.choose')}</option>}
      {items.map(({ code, name, depth }) => (
        <option key={code} value={code}>{'\u3000'.repeat(depth)}{lang.value === 'en' ? name.name_en || name.name_zh : name.name_zh}</option>
      ))}
    </select>
  );
}

interface Stop {
  name: string;
  lon: number;
  lat: number;
}

/** 出入口 of a compound and 必到点 of a route, taken from chosen corners. */
export function Places({ job }: { job: EditJob }): JSX.Element | null {
  if (job.layer === 'compounds') return <Gates job={job} />;
  return job.layer === 'routes' ? <Stops job={job} /> : null;
}

function Gates({ job }: { job: EditJob }): JSX.Element {
  const gates = (job.extras.value.gates as [number, number][] | undefined) ?? [];
  const at = job.sketch.chosenAt();
  const put = (next: [number, number][]): void => {
    job.extras.value = { ...job.extras.peek(), gates: next };
  };
  return (
    <section class="draw-section">
      <h3>{w('gates.title')} <span class="muted">{gates.length}</span></h3>
      <ul class="draw-list">
        {gates.map((gate, i) => (
          <li key={`${gate[0]} ${gate[1]} ${i}`}>
            <span>{w('gates.item', { n: i + 1 })}</span>
            <button type="button" class="btn btn-small" aria-label={w('item.remove', { name: w('gates.item', { n: i + 1 }) })} onClick={() => put(gates.filter((_, j) => j !== i))}>{w('rings.remove')}</button>
          </li>
        ))}
      </ul>
      <button type="button" class="btn btn-small btn-outline" aria-disabled={!at} onClick={() => at && put([...gates, [at[0], at[1]]])}>{w('gates.add')}</button>
    </section>
  );
}

function Stops({ job }: { job: EditJob }): JSX.Element {
  const stops = (job.extras.value.checkpoints as Stop[] | undefined) ?? [];
  const at = job.sketch.chosenAt();
  const put = (next: Stop[]): void => {
    job.extras.value = { ...job.extras.peek(), checkpoints: next };
  };
  return (
    <section class="draw-section">
      <h3>{w('stops.title')} <span class="muted">{stops.length}</span></h3>
      <ol class="draw-list">
        {stops.map((stop, i) => (
          <li key={i}>
            <span class="num">{i + 1}</span>
            <input class="field" aria-label={w('stops.name', { n: i + 1 })} value={stop.name} onInput={(event) => put(stops.map((s, j) => (j === i ? { ...s, name: event.currentTarget.value } : s)))} />
            <button type="button" class="btn btn-small" aria-label={w('stops.up', { n: i + 1 })} aria-disabled={i === 0} onClick={() => i > 0 && put([...stops.slice(0, i - 1), stop, stops[i - 1] as Stop, ...stops.slice(i + 1)])}>↑</button>
            <button type="button" class="btn btn-small" aria-label={w('item.remove', { name: stop.name || String(i + 1) })} onClick={() => put(stops.filter((_, j) => j !== i))}>{w('rings.remove')}</button>
          </li>
        ))}
      </ol>
      <button type="button" class="btn btn-small btn-outline" aria-disabled={!at} onClick={() => at && put([...stops, { name: `${w('stops.title')}${stops.length + 1}`, lon: at[0], lat: at[1] }])}>{w('stops.add')}</button>
    </section>
  );
}
