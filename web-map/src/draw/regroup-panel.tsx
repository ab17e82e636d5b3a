/** Splitting and merging: codes, names, and from when. */
import { useId } from 'preact/hooks';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { fmt } from '../i18n';
import { ErrorBar } from '../ui/state';
import { titleOf, type Regroup, type Side } from './regroup';
import type { Workshop } from './workshop';
import { trouble, w, wOr } from './words';

export function RegroupPanel({ shop, job }: { shop: Workshop; job: Regroup }): JSX.Element {
  const split = job.kind === 'split';
  const drawn = job.sketch.shape.value !== null;
  const ready = job.ready.value && !job.saving.value;
  const failure = job.failure.value;
  return (
    <article class="inspector draw-panel">
      <header>
        <p class="crumb">{String(job.base.feature.properties.community ?? '')}</p>
        <h2>{split ? w('split.title', { name: titleOf(job.base.feature) }) : w('merge.title')}</h2>
      </header>
      <p class="muted">{w(split ? 'split.hint' : 'merge.hint')}</p>
      {failure ? (
        <ErrorBar
          text={failure === 'short' ? w('regroup.short') : failure === 'notBeside' ? w('merge.notBeside') : trouble(failure)}
          onClose={() => (job.failure.value = null)}
        />
      ) : null}
      {job.stale.value ? <button type="button" class="btn btn-outline btn-small" onClick={() => shop.again()}>{w('regroup.reload')}</button> : null}
      {split ? (
        <>
          {drawn ? <button type="button" class="btn btn-outline btn-small draw-left" onClick={() => job.again()}>{w('split.again')}</button> : null}
          <SideFields title={w('split.larger')} side={job.halves.value[0]} onSide={(side) => (job.halves.value = [side, job.halves.peek()[1]])} />
          <SideFields title={w('split.smaller')} side={job.halves.value[1]} onSide={(side) => (job.halves.value = [job.halves.peek()[0], side])} />
        </>
      ) : (
        <>
          <Choices job={job} />
          <SideFields title={w('merge.one')} side={job.one.value} onSide={(side) => (job.one.value = side)} households={false} />
          <p class="muted small">{[fmt.area(job.area()), job.households() === null ? '' : `${w('regroup.households')} ${fmt.num(job.households())}`].filter(Boolean).join(' · ')}</p>
        </>
      )}
      <HowFields how={job.how} day={job.day} />
      <div class="draw-foot">
        <button type="button" class="btn" onClick={() => shop.leave()}>{w('bar.cancel')}</button>
        <button type="button" class="btn btn-primary" aria-disabled={!ready} onClick={() => ready && void shop.save()}>
          {job.saving.value ? w('bar.saving') : split ? w('split.go') : w('merge.go', { n: job.chosen.value.length })}
        </button>
      </div>
    </article>
  );
}

function SideFields({ title, side, onSide, households = true }: { title: string; side: Side; onSide: (side: Side) => void; households?: boolean }): JSX.Element {
  const id = useId();
  const names = (['code', 'name', 'households'] as const).filter((name) => households || name !== 'households');
  return (
    <fieldset class="draw-section">
      <legend>{title}</legend>
      <div class="draw-fields">
        {names.map((name) => (
          <div class="draw-field" key={name}>
            <label for={`${id}-${name}`}>{w(`regroup.${name}`)}</label>
            <input id={`${id}-${name}`} class="field" autocomplete="off" {...(name === 'households' ? { inputMode: 'numeric' } : {})} value={side[name]} onInput={(event) => onSide({ ...side, [name]: event.currentTarget.value })} />
          </div>
        ))}
      </div>
    </fieldset>
  );
}

function Choices({ job }: { job: Regroup }): JSX.Element {
  const chosen = new Set(job.chosen.value.map((tagged) => tagged.feature.id));
  return (
    <section class="draw-section">
      <h3>{w('merge.chosen', { n: chosen.size })}</h3>
      <ul class="draw-list draw-picks" aria-label={w('merge.list')} tabIndex={0}>
        <li><label class="row-plain"><input class="check" type="checkbox" checked disabled /> {titleOf(job.base.feature)} <span class="muted small">{w('merge.first')}</span></label></li>
        {job.around.value.map((tagged) => (
          <li key={tagged.feature.id}>
            <label class="row-plain">
              <input class="check" type="checkbox" checked={chosen.has(tagged.feature.id)} onChange={(event) => {
                job.toggle(tagged);
                // A grid that is refused stays unticked.
                event.currentTarget.checked = job.chosen.peek().some((t) => t.feature.id === tagged.feature.id);
              }} />
              {titleOf(tagged.feature)}
            </label>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function HowFields({ how, day }: { how: Signal<'from' | 'past'>; day: Signal<string> }): JSX.Element {
  const id = useId();
  return (
    <fieldset class="draw-section">
      <legend>{w('regroup.how')}</legend>
      {(['from', 'past'] as const).map((name) => (
        <label key={name} class="row-plain draw-how">
          <input type="radio" class="draw-radio" name={id} checked={how.value === name} onChange={() => (how.value = name)} />
          <span>{w(`regroup.${name}`)}<br /><span class="small muted">{wOr(`regroup.${name}Hint`, '')}</span></span>
        </label>
      ))}
      {how.value === 'from' ? (
        <div class="draw-field">
          <label for={`${id}-day`}>{w('regroup.day')}</label>
          <input id={`${id}-day`} class="field" type="date" value={day.value} onInput={(event) => (day.value = event.currentTarget.value)} />
        </div>
      ) : null}
    </fieldset>
  );
}
