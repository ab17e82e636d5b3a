/** Which map lies below: none, our own ground, files, services. */
import './picker.css';
import { useEffect, useId } from 'preact/hooks';
import type { JSX } from 'preact';
import type { Background } from '../api/types';
import { useApp } from '../app/context';
import { NO_GROUND } from '../app/grounds';
import { fmt, lang, t } from '../i18n';
import { Section } from '../ui/section';
import { w } from './words';

export function Backgrounds(): JSX.Element | null {
  const app = useApp();
  const id = useId();
  const { grounds } = app;
  // What was set meanwhile, here or elsewhere.
  useEffect(() => void grounds.load(), []);
  const list = grounds.list.value;
  if (list === null) return null;
  const wish = grounds.wish;
  const chosen = grounds.chosen.value;
  return (
    <Section title={w('title')} class="grounds">
      {list.length === 0 ? (
        <p class="muted small">
          {w('empty')} <button type="button" class="btn-text" onClick={() => app.set({ view: 'settings' })}>{w('toSettings')}</button>
        </p>
      ) : (
        <div role="radiogroup" aria-label={w('title')}>
          <Row name={`${id}-ground`} on={wish === NO_GROUND} label={w('none')} onPick={() => grounds.use(NO_GROUND)} />
          {list.map((background) => (
            <Row
              key={background.id}
              name={`${id}-ground`}
              on={wish === background.id}
              label={background.name}
              datum={background.datum}
              problem={background.problem ? background.problem[lang.value === 'en' ? 'en' : 'zh'] : null}
              onPick={() => grounds.use(background.id)}
            />
          ))}
        </div>
      )}
      {chosen ? (
        <label class="grounds-strength">
          <span>{w('strength')}</span>
          <input type="range" min="0.2" max="1" step="0.1" value={String(grounds.strength.value)} aria-valuetext={fmt.percent(grounds.strength.value)} onInput={(event) => (grounds.strength.value = Number(event.currentTarget.value))} />
        </label>
      ) : null}
      {chosen && grounds.failed.value !== null ? (
        <p class="muted small" role="status">
          {grounds.failed.value ? w('why', { why: grounds.failed.value }) : w('failed')} <button type="button" class="btn-text" onClick={() => app.retryGround()}>{t('action.retry')}</button>
        </p>
      ) : null}
    </Section>
  );
}

interface RowProps {
  name: string;
  on: boolean;
  label: string;
  datum?: Background['datum'];
  problem?: string | null;
  onPick: () => void;
}

function Row({ name, on, label, datum, problem = null, onPick }: RowProps): JSX.Element {
  const id = useId();
  return (
    <div class="row ground-row" data-off={problem !== null}>
      <label>
        <input class="radio" type="radio" name={name} checked={on} disabled={problem !== null} aria-describedby={problem ? `${id}-why` : undefined} onChange={onPick} />
        <span class="row-name" title={label}>{label}</span>
        {datum === 'gcj02' ? <span class="row-count" title={w('gcj02Hint')}>{w('gcj02')}</span> : null}
      </label>
      {problem ? <p id={`${id}-why`} class="muted small ground-why">{problem}</p> : null}
    </div>
  );
}
