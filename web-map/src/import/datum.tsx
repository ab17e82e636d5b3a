import { useId } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useApp } from '../app/context';
import { fmt } from '../i18n';
import { useFlow } from './context';
import { PARTS } from './issues';
import { chosenIndex, closeCall, comparedCount, crsName, crsTitle, shapesOf, type Shape } from './sample';
import { placeless } from './steps';
import type { Candidate } from './types';
import { w } from './words';

/** ● ○ × ▵ □ as on the map. */
export function ShapeMark({ shape }: { shape: Shape }): JSX.Element {
  return (
    <svg class="imp-shape" data-shape={shape} viewBox="0 0 16 16" role="img" aria-label={w(`crs.shape.${shape}`)}>
      {shape === 'disc' ? <circle cx="8" cy="8" r="5" /> : null}
      {shape === 'ring' ? <circle cx="8" cy="8" r="4.2" /> : null}
      {shape === 'cross' ? <path d="M4 4l8 8M12 4l-8 8" /> : null}
      {shape === 'triangle' ? <path d="M8 3.5 13 12.5H3Z" /> : null}
      {shape === 'square' ? <path d="M4 4h8v8H4Z" /> : null}
    </svg>
  );
}

/** How well a system fits; without grids there is nothing it could be inside of. */
function scores(candidate: Candidate, long: boolean, bare: boolean): string {
  const parts = bare ? [] : [w('crs.inside', { p: fmt.percent(candidate.inside_share) })];
  if (candidate.median_m !== null) parts.push(w(long ? 'crs.medianLong' : 'crs.median', { d: fmt.length(candidate.median_m) }));
  return parts.join(', ');
}

const USUAL = ['wgs84', 'gcj02', 'bd09', 'cgcs2000'] as const;

/** Systems that were not weighed: the usual ones, and any by its EPSG code. */
function OtherCrs({ open, known, onUse }: { open: boolean; known: readonly string[]; onUse: (crs: string) => void }): JSX.Element {
  const id = useId();
  const code = useSignal('');
  const digits = code.value.replace(/\D/g, '');
  return (
    <details class="imp-other-crs" open={open}>
      <summary>{w('crs.other')}</summary>
      <div class="imp-choices" role="group" aria-label={w('crs.otherLabel')}>
        {USUAL.filter((name) => !known.includes(name)).map((name) => (
          <button key={name} type="button" class="btn btn-outline btn-small" onClick={() => onUse(name)}>{crsName(name)}</button>
        ))}
      </div>
      <div class="imp-epsg">
        <label for={id}>{w('crs.otherCode')}</label>
        <input id={id} class="field" type="text" inputMode="numeric" maxLength={12} value={code.value} aria-describedby={`${id}-hint`} onInput={(event) => (code.value = event.currentTarget.value)} />
        <button type="button" class="btn btn-outline btn-small" aria-disabled={digits.length < 4} onClick={() => digits.length >= 4 && onUse(`epsg:${digits}`)}>{w('crs.otherUse')}</button>
      </div>
      <p class="muted small" id={`${id}-hint`}>{w('crs.otherHint')}</p>
    </details>
  );
}

/** Which coordinate system: ranked, scored, and never chosen for the reader when it is close. */
export function DatumPanel({ onPoint }: { onPoint: (index: number | null) => void }): JSX.Element | null {
  const app = useApp();
  const flow = useFlow();
  const id = useId();
  const all = useSignal(false);
  const session = flow.session.value;
  const options = flow.draft.value;
  if (!session) return null;
  const { crs } = session;
  const bare = app.session.bare.value;
  if (placeless(session)) {
    return (
      <section id={PARTS.crs} tabIndex={-1} aria-label={w('crs.title')}>
        <p class="muted">{w('crs.none')}</p>
      </section>
    );
  }
  const chosen = chosenIndex(crs.candidates, options.crs ?? crs.chosen, options.swap);
  const compared = all.value ? crs.candidates.length : comparedCount(crs.candidates, chosen);
  const shapes = shapesOf(crs.candidates, chosen);
  const used = options.crs ?? crs.chosen;
  const choose = (candidate: Candidate): void => flow.edit((now) => ({ ...now, crs: candidate.crs, swap: candidate.axis_swapped }));
  return (
    <section id={PARTS.crs} tabIndex={-1} aria-labelledby={`${id}-list`}>
      <h4 id={`${id}-list`} class="visually-hidden">{w('crs.list')}</h4>
      {crs.undecided && chosen === null ? <p class="imp-warn">{w(closeCall(crs.candidates) ? 'crs.close' : 'crs.undecided')}</p> : null}
      {crs.named_by_file && !crs.candidates.some((c) => c.crs === crs.named_by_file) ? <p>{w('crs.namedBy', { crs: crsName(crs.named_by_file) })}</p> : null}
      {chosen === null && used !== null && used !== crs.named_by_file ? <p>{w('crs.used', { crs: crsName(used) })}</p> : null}
      {bare ? <p class="muted small">{w('crs.noGrids')}</p> : null}
      <div class="imp-candidates" role="radiogroup" aria-labelledby={`${id}-list`}>
        {crs.candidates.slice(0, compared).map((candidate, i) => (
          <label key={`${candidate.crs}/${candidate.axis_swapped}`} class="imp-candidate" data-on={i === chosen} onPointerEnter={() => onPoint(i)} onPointerLeave={() => onPoint(null)}>
            <input type="radio" class="imp-radio" name={`${id}-crs`} checked={i === chosen} onChange={() => choose(candidate)} onFocus={() => onPoint(i)} onBlur={() => onPoint(null)} />
            <ShapeMark shape={shapes[i] ?? 'ring'} />
            <span class="imp-candidate-words">
              <span>
                <strong>{crsName(candidate.crs)}</strong> {crsTitle(candidate)}
                {candidate.axis_swapped ? ` · ${w('crs.swapped')}` : ''}
                {candidate.best ? <span class="badge imp-best">{w('crs.best')}</span> : null}
                {candidate.crs === crs.named_by_file ? <span class="badge">{w('crs.named')}</span> : null}
                {candidate.crs === crs.remembered ? <span class="badge">{w('crs.remembered')}</span> : null}
              </span>
              <span class="small">{scores(candidate, i === chosen || (chosen === null && i === 0), bare)}</span>
            </span>
          </label>
        ))}
      </div>
      {crs.candidates.length > compared ? (
        <button type="button" class="btn btn-link btn-small" onClick={() => (all.value = true)}>{w('crs.more', { n: crs.candidates.length - compared })}</button>
      ) : null}
      <OtherCrs open={crs.candidates.length === 0 && used === null} known={crs.candidates.map((c) => c.crs)} onUse={(name) => flow.edit((now) => ({ ...now, crs: name, swap: false }))} />
      <label class="row-plain imp-remember">
        <input class="check" type="checkbox" checked={options.remember_crs} onChange={(event) => {
          const { checked } = event.currentTarget;
          flow.edit((now) => ({ ...now, remember_crs: checked }));
        }} />
        {options.source ? w('crs.remember', { source: options.source }) : w('crs.rememberNoSource')}
      </label>
      <p class="muted small">{w('crs.how')}</p>
    </section>
  );
}
