import { useId } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { LAYERS } from '../api/types';
import { ProfileChoice } from './columns';
import { useFlow } from './context';
import { PARTS } from './issues';
import { checkBlockers } from './steps';
import type { Options, Session } from './types';
import { layerName, w } from './words';

/** What must be chosen before anything else makes sense, in front of the preview. */
export function Questions(): JSX.Element | null {
  const flow = useFlow();
  const session = flow.session.value;
  if (!session) return null;
  const open = checkBlockers(session, flow.draft.value);
  return (
    <>
      {open.includes('layer') ? <LayerQuestion /> : null}
      {open.includes('sheet') ? <SheetQuestion /> : null}
      {open.includes('encoding') ? <EncodingQuestion /> : null}
    </>
  );
}

function Question({ title, hint, id, children }: { title: string; hint: string; id?: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="imp-card imp-question" id={id} tabIndex={-1} aria-label={title}>
      <h3>{title}</h3>
      <p class="muted">{hint}</p>
      {children}
    </section>
  );
}

function LayerQuestion(): JSX.Element {
  const flow = useFlow();
  return (
    <Question title={w('settle.layerAsk')} hint={w('settle.layerHint')}>
      <div class="imp-choices">
        {LAYERS.map((name) => (
          <button key={name} type="button" class="btn btn-outline" onClick={() => flow.edit((options) => ({ ...options, layer: name }))}>
            {layerName(name)}
          </button>
        ))}
      </div>
    </Question>
  );
}

function SheetQuestion(): JSX.Element {
  const flow = useFlow();
  const sheets = flow.session.value?.sheets ?? [];
  return (
    <Question title={w('settle.sheetAsk')} hint={w('settle.sheetHint', { n: sheets.length })}>
      <div class="imp-choices">
        {sheets.map((sheet) => (
          <button key={sheet.name} type="button" class="btn btn-outline" onClick={() => flow.edit((options) => ({ ...options, sheet: sheet.name }))}>
            {sheet.name} <span class="muted">{w('rows', { n: sheet.rows })}</span>
          </button>
        ))}
      </div>
    </Question>
  );
}

/** Readings of one line side by side. */
export function EncodingQuestion(): JSX.Element {
  const flow = useFlow();
  const session = flow.session.value;
  const chosen = flow.draft.value.encoding;
  return (
    <Question id={PARTS.encoding} title={w('settle.encodingAsk')} hint={w('settle.encodingHint')}>
      <div class="imp-readings">
        {(session?.encodings ?? []).map((reading) => {
          const on = chosen === null ? reading.chosen : chosen === reading.name;
          return (
            <button key={reading.name} type="button" class="imp-reading" aria-pressed={on} onClick={() => flow.edit((options) => ({ ...options, encoding: reading.name }))}>
              <strong>{w('settle.encodingUse', { name: reading.name.toUpperCase() })}</strong>
              <span>{reading.sample}</span>
            </button>
          );
        })}
      </div>
    </Question>
  );
}

function sheetOf(session: Session, options: Options): string {
  return options.sheet ?? session.sheets.find((sheet) => sheet.chosen)?.name ?? '';
}

/** How the file is read: every choice already made, to be changed. */
export function FilePanel(): JSX.Element | null {
  const flow = useFlow();
  const id = useId();
  const session = flow.session.value;
  const options = flow.draft.value;
  if (!session) return null;
  const layer = options.layer ?? session.layer ?? '';
  const encoding = options.encoding ?? session.encodings.find((reading) => reading.chosen)?.name ?? '';
  const edit = (change: Partial<Options>): void => flow.edit((now) => ({ ...now, ...change }));
  return (
    <section aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>{w('settle.title')}</h3>
      <div class="imp-fact">
        <label for={`${id}-layer`}>{w('settle.layer')}</label>
        <select
          id={`${id}-layer`}
          class="field"
          value={layer}
          onChange={(event) => {
            const next = LAYERS.find((name) => name === event.currentTarget.value) ?? null;
            // Fields differ by layer, so the mapping is found anew.
            edit({ layer: next, map: {}, set: {}, keep: [], profile: null });
          }}
        >
          {layer === '' ? <option value="">—</option> : null}
          {LAYERS.map((name) => (
            <option key={name} value={name}>
              {layerName(name)}{name === session.guessed_layer ? ` · ${w('settle.guessed')}` : ''}
            </option>
          ))}
        </select>
      </div>
      {session.sheets.length > 1 ? (
        <div class="imp-fact" id={PARTS.sheet} tabIndex={-1}>
          <label for={`${id}-sheet`}>{w('settle.sheet')}</label>
          <select id={`${id}-sheet`} class="field" value={sheetOf(session, options)} onChange={(event) => edit({ sheet: event.currentTarget.value || null })}>
            {session.sheets.map((sheet) => <option key={sheet.name} value={sheet.name}>{sheet.name} · {w('rows', { n: sheet.rows })}</option>)}
          </select>
        </div>
      ) : null}
      {session.encodings.length > 1 ? (
        <div class="imp-fact">
          <label for={`${id}-encoding`}>{w('settle.encoding')}</label>
          <select id={`${id}-encoding`} class="field" value={encoding} onChange={(event) => edit({ encoding: event.currentTarget.value || null })}>
            {session.encodings.map((reading) => <option key={reading.name} value={reading.name}>{reading.name.toUpperCase()} · {reading.sample.slice(0, 16)}</option>)}
          </select>
        </div>
      ) : null}
      <ProfileChoice />
      <div class="imp-fact">
        <label for={`${id}-source`}>{w('settle.source')}</label>
        <input id={`${id}-source`} class="field" type="text" maxLength={100} value={options.source} aria-describedby={`${id}-hint`} onChange={(event) => edit({ source: event.currentTarget.value.trim() })} />
      </div>
      <p class="muted small" id={`${id}-hint`}>{w('settle.sourceHint')}</p>
      <fieldset class="imp-radios">
        <legend>{w('settle.repeat')}</legend>
        {(['reject', 'keep'] as const).map((how) => (
          <label key={how} class="row-plain">
            <input type="radio" class="imp-radio" name={`${id}-repeat`} checked={options.repeat === how} onChange={() => edit({ repeat: how })} />
            {w(`settle.repeat.${how}`)}
          </label>
        ))}
      </fieldset>
    </section>
  );
}
