/** What an OpenStreetMap extract is taken for: our streets, the background, or both. */
import { useId } from 'preact/hooks';
import type { JSX } from 'preact';
import { fmt } from '../i18n';
import { useFlow } from './context';
import type { GroundOffer } from './types';
import { asOptions, useOf, USES } from './use';
import { w, type Word } from './words';

const CLASSES = ['road', 'building', 'water', 'green', 'rail', 'place'] as const;

/** `道路 1 234 · 建筑 560`; the classes that have none are left out. */
export function classWords(counts: GroundOffer['counts']): string {
  if (!counts) return '';
  return CLASSES.filter((name) => counts[name] > 0)
    .map((name) => w(`ground.class.${name}` as Word, { n: counts[name] }))
    .join(' · ');
}

/** The choice, with what the background would hold and what it would replace. */
export function GroundChoice(): JSX.Element | null {
  const flow = useFlow();
  const id = useId();
  const offer = flow.session.value?.background ?? null;
  if (!offer) return null;
  const use = useOf(flow.draft.value);
  const words = use === 'streets' ? '' : classWords(offer.counts);
  return (
    <section class="imp-card imp-question" aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>{w('ground.title')}</h3>
      <div class="imp-uses" role="radiogroup" aria-labelledby={`${id}-title`}>
        {USES.map((name) => (
          <label key={name} class="row-plain">
            <input type="radio" class="imp-radio" name={`${id}-use`} checked={use === name} onChange={() => flow.edit((options) => ({ ...options, ...asOptions(name) }))} />
            <span>
              {w(`ground.use.${name}` as Word)} <span class="muted small">{w(`ground.hint.${name}` as Word)}</span>
            </span>
          </label>
        ))}
      </div>
      {words ? <p>{w('ground.holds', { list: words })}</p> : null}
      {words ? (
        <p class="muted small">
          {w(offer.within ? 'ground.within' : 'ground.whole')}
          {offer.dropped > 0 ? ` ${w('ground.dropped', { n: offer.dropped })}` : ''}
          {offer.replaces ? ` ${w('ground.replaces', { file: offer.replaces.file, day: fmt.day(new Date(offer.replaces.imported_at * 1000).toISOString(), true) })}` : ''}
        </p>
      ) : null}
    </section>
  );
}
