import { useId } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { KINDS } from '../api/types';
import { fmt, t } from '../i18n';
import { useFlow } from './context';
import { setConstant, targetOf, wholeMap } from './mapping';
import { missingFields } from './steps';
import { fieldTitle, TargetMenu, targetWords, type Anchor } from './targets';
import { w } from './words';

/** Which column goes where, what is missing, and the profile that keeps it for next month. */
export function Columns(): JSX.Element {
  const flow = useFlow();
  const session = flow.session.value;
  const options = flow.draft.value;
  const columns = session?.columns ?? [];
  const all = useSignal(false);
  const menu = useSignal<{ column: string; anchor: Anchor } | null>(null);
  const missing = session ? missingFields(session, options) : [];
  const constants = Object.entries(options.set).filter(([field]) => !missing.includes(field));
  const left = columns.filter((column) => targetOf(options, columns, column.name).to === 'none');
  const shown = all.value ? columns : columns.filter((column) => !left.includes(column));
  const profile = options.profile ?? session?.profile.name ?? null;
  return (
    <section class="imp-part" id="imp-columns" tabIndex={-1} aria-labelledby="imp-columns-title">
      <div class="imp-section-head">
        <h3 id="imp-columns-title">{w('columns.title')}</h3>
        <span class="muted small">{profile ? w('columns.using', { name: profile }) : w('columns.own')}</span>
      </div>
      <ul class="imp-lines">
        {missing.map((field) => <Missing key={`missing-${field}`} field={field} />)}
        {shown.map((column) => {
          const target = targetOf(options, columns, column.name);
          const words = targetWords(options, session, column);
          const unknown = target.to === 'field' && target.field === 'category' ? (session?.new_categories.filter((word) => !word.chosen).length ?? 0) : 0;
          return (
            <li key={column.name} class="imp-map" data-to={target.to}>
              <span class="imp-map-from">{column.name}</span>
              <span aria-hidden="true" class="muted">→</span>
              {target.to === 'personal' ? (
                <span class="imp-map-to">{w('columns.personal')}</span>
              ) : (
                <button
                  type="button"
                  class="btn-text imp-map-to"
                  aria-haspopup="menu"
                  title={w('target.change', { column: column.name, target: words })}
                  onClick={(event) => {
                    const { left: x, bottom, top } = event.currentTarget.getBoundingClientRect();
                    menu.value = { column: column.name, anchor: { left: x, top, bottom, from: event.currentTarget } };
                  }}
                >
                  <span class="visually-hidden">{column.name} → </span>
                  {words}
                  <span class="visually-hidden">{w('target.do')}</span>
                </button>
              )}
              <span class="muted small imp-map-note">
                {unknown > 0 ? w('columns.values', { n: unknown }) : column.filled_share < 0.995 && target.to !== 'personal' ? w('columns.filled', { p: fmt.percent(column.filled_share) }) : ''}
              </span>
            </li>
          );
        })}
        {constants.map(([field, value]) => <Constant key={`set-${field}`} field={field} value={value} />)}
      </ul>
      {left.length > 0 ? (
        <button type="button" class="btn btn-link btn-small" aria-expanded={all.value} onClick={() => (all.value = !all.value)}>
          {all.value ? w('columns.less') : w('columns.more', { n: left.length })}
        </button>
      ) : null}
      {menu.value ? <TargetMenu column={menu.value.column} anchor={menu.value.anchor} onClose={() => (menu.value = null)} /> : null}
    </section>
  );
}

/** A required field without a column: say the value of every row, or map a column above. */
function Missing({ field }: { field: string }): JSX.Element {
  const flow = useFlow();
  const title = fieldTitle(flow.session.value, field);
  return (
    <li class="imp-map imp-missing">
      <span class="imp-map-from" data-tone="warn">{title} · {w('target.required')}</span>
      <span aria-hidden="true" class="muted">→</span>
      <span class="imp-map-to">{w('columns.missing')}</span>
      <ConstantField field={field} title={title} value="" />
    </li>
  );
}

function Constant({ field, value }: { field: string; value: string }): JSX.Element {
  const title = fieldTitle(useFlow().session.value, field);
  return (
    <li class="imp-map">
      <span class="imp-map-from muted">{w('columns.setAll')}</span>
      <span aria-hidden="true" class="muted">→</span>
      <span class="imp-map-to">{title}</span>
      <ConstantField field={field} title={title} value={value} />
    </li>
  );
}

function ConstantField({ field, title, value }: { field: string; title: string; value: string }): JSX.Element {
  const flow = useFlow();
  const put = (next: string): void => flow.edit((options) => setConstant(options, field, next || null));
  const label = w('columns.setAllFor', { title });
  if (field === 'kind' && flow.session.value?.layer === 'incidents') {
    return (
      <select class="field imp-small" aria-label={label} value={value} onChange={(event) => put(event.currentTarget.value)}>
        <option value="">{w('columns.setAll')}…</option>
        {KINDS.map((kind) => <option key={kind} value={kind}>{t(`kind.${kind}`)}</option>)}
      </select>
    );
  }
  return <input class="field imp-small" type="text" maxLength={200} aria-label={label} placeholder={w('columns.setAll')} value={value} onChange={(event) => put(event.currentTarget.value)} />;
}

/** A profile chosen, or this mapping saved under a name. */
export function ProfileChoice(): JSX.Element | null {
  const flow = useFlow();
  const id = useId();
  const session = flow.session.value;
  const options = flow.draft.value;
  if (!session || session.profile.available.length === 0) return null;
  return (
    <div class="imp-fact">
      <label for={id}>{w('profile.title')}</label>
      <select
        id={id}
        class="field"
        value={options.profile ?? session.profile.name ?? ''}
        onChange={(event) => {
          const name = event.currentTarget.value || null;
          // A profile brings its own mapping; ours would override it.
          flow.edit((now) => ({ ...now, profile: name, ...(name ? { map: {}, set: {}, keep: [] } : {}) }));
        }}
      >
        <option value="">{w('profile.none')}</option>
        {session.profile.available.map((name) => <option key={name} value={name}>{name}</option>)}
      </select>
    </div>
  );
}

export function ProfileSave(): JSX.Element | null {
  const flow = useFlow();
  const id = useId();
  const ticked = useSignal(false);
  const typed = useSignal<string | null>(null);
  const session = flow.session.value;
  const options = flow.draft.value;
  if (!session) return null;
  const current = options.profile ?? session.profile.name;
  const on = ticked.value || options.save_profile !== null;
  const name = typed.value ?? options.save_profile ?? '';
  // A profile without a name cannot be saved, so it is not asked for either.
  // The whole mapping goes with the name, guessed columns too: next month they are to be the same.
  const put = (text: string | null): void =>
    flow.edit((now) => (text?.trim() ? { ...now, map: wholeMap(now, session), save_profile: text.trim() } : { ...now, save_profile: null }));
  return (
    <div class="imp-save">
      <label class="row-plain">
        <input
          class="check"
          type="checkbox"
          checked={on}
          onChange={(event) => {
            const { checked } = event.currentTarget;
            ticked.value = checked;
            typed.value = checked ? (current ?? defaultName(session.file.names[0] ?? '')) : null;
            put(typed.value);
          }}
        />
        {w('profile.save')}
      </label>
      {on ? (
        <>
          <label class="visually-hidden" for={id}>{w('profile.name')}</label>
          <input
            id={id}
            class="field"
            type="text"
            maxLength={60}
            placeholder={w('profile.namePlaceholder')}
            value={name}
            onInput={(event) => (typed.value = event.currentTarget.value)}
            onChange={(event) => put(event.currentTarget.value)}
          />
          <p class="muted small">{session.profile.available.includes(name.trim()) ? w('profile.overwrites', { name: name.trim() }) : w('profile.hint')}</p>
        </>
      ) : null}
    </div>
  );
}

/** The file's name without its date and ending: what a monthly table is called. */
export function defaultName(file: string): string {
  const bare = file.replace(/\.[^.]+$/, '').replace(/\d{4}年|\d{1,2}月|\d{1,2}日|[\d_\-.()()]+/g, ' ').replace(/\s+/g, ' ').trim();
  return bare.slice(0, 60);
}
