/** The chosen corner for keyboard and exact numbers, and the rings of the shape. */
import { useEffect, useId } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Controller } from '../app/controller';
import { DATUM_NAMES, formatLonLat, fromWgs84, parseCoordinates } from '../coords';
import { t } from '../i18n';
import type { EditJob } from './edit';
import { ringAt } from './shape';
import type { Sketch } from './sketch';
import { w } from './words';

export function CornerPanel({ app, job }: { app: Controller; job: EditJob }): JSX.Element | null {
  const { sketch } = job;
  const all = sketch.corners.value;
  const chosen = sketch.chosen.value;
  const least = useSignal(false);
  useEffect(() => {
    least.value = false;
  }, [chosen]);
  if (all.length === 0 || sketch.tool.value !== 'edit') return null;
  const index = chosen ? all.findIndex((c) => c.part === chosen.part && c.ring === chosen.ring && c.index === chosen.index) : -1;
  const sharing = sketch.sharing.value.map((key) => job.nameOf(key));
  const point = sketch.sort === 'Point';
  return (
    <section class="draw-section" aria-label={w('corner.title')}>
      <div class="draw-head">
        <h3>{w('corner.title')}</h3>
        <span class="muted" role="status">{index >= 0 ? w('corner.which', { i: index + 1, n: all.length }) : w('corner.none')}</span>
        {point ? null : (
          <span class="draw-pair">
            <button type="button" class="btn btn-small" title="[" onClick={() => sketch.chooseNext(-1)}>{w('corner.previous')}</button>
            <button type="button" class="btn btn-small" title="]" onClick={() => sketch.chooseNext(1)}>{w('corner.next')}</button>
          </span>
        )}
      </div>
      {chosen ? (
        <>
          <Coordinates app={app} sketch={sketch} />
          {sharing.length ? <p class="small muted">{w(sketch.together.value ? 'corner.shared' : 'corner.alone', { list: sharing.join(t('list.separator')) })}</p> : null}
          {point ? null : (
            <p class="draw-pair">
              <button type="button" class="btn btn-small btn-outline" onClick={() => sketch.insertAfterChosen()}>{w('corner.insert')}</button>
              <button type="button" class="btn btn-small btn-outline" onClick={() => (least.value = !sketch.removeCorner())}>{w('corner.delete')}</button>
            </p>
          )}
          {least.value ? <p class="draw-why" role="alert">{w('corner.least')}</p> : null}
        </>
      ) : null}
      <p class="small muted draw-keys">{w('corner.keys')}</p>
    </section>
  );
}

function Coordinates({ app, sketch }: { app: Controller; sketch: Sketch }): JSX.Element | null {
  const id = useId();
  const at = sketch.chosenAt();
  const datum = app.datum.value;
  const shown = at ? formatLonLat(fromWgs84(at, datum), 7) : '';
  const text = useSignal(shown);
  const bad = useSignal(false);
  useEffect(() => {
    text.value = shown;
    bad.value = false;
  }, [shown]);
  if (!at) return null;
  const move = (): void => {
    // The number that stands there already is the place itself, to the last digit.
    if (text.peek() === shown) return;
    const found = parseCoordinates(text.peek()).find((candidate) => candidate.datum === datum);
    bad.value = !found;
    if (found) sketch.moveChosenTo([found.at[0], found.at[1]]);
  };
  return (
    <form
      class="draw-coords"
      onSubmit={(event) => {
        event.preventDefault();
        move();
      }}
    >
      <label for={id}>{w('corner.at', { datum: DATUM_NAMES[datum] })}</label>
      <div class="draw-pair">
        <input id={id} class="field mono" value={text.value} autocomplete="off" aria-invalid={bad.value || undefined} aria-describedby={bad.value ? `${id}-why` : undefined} onInput={(event) => (text.value = event.currentTarget.value)} />
        <button type="submit" class="btn btn-small btn-outline">{w('corner.move')}</button>
      </div>
      {bad.value ? <p id={`${id}-why`} class="draw-why">{w('corner.bad')}</p> : null}
    </form>
  );
}

/** Parts and holes, each to be taken away; shown when there is more than one ring. */
export function Rings({ sketch }: { sketch: Sketch }): JSX.Element | null {
  const shape = sketch.shape.value;
  if (!shape || shape.sort === 'Point' || shape.parts.flat().length < 2) return null;
  const name = (part: number, ring: number): string =>
    shape.sort === 'LineString' ? w('rings.line', { n: part + 1 }) : ring === 0 ? w('rings.outer', { n: part + 1 }) : w('rings.hole', { n: part + 1, i: ring });
  return (
    <section class="draw-section">
      <h3>{w('rings.title')}</h3>
      <ul class="draw-list">
        {shape.parts.flatMap((rings, part) =>
          rings.map((_, ring) => (
            <li key={`${part}/${ring}`}>
              <button type="button" class="btn-text" onClick={() => sketch.choose({ part, ring, index: 0 })}>{name(part, ring)}</button>
              <span class="muted small">{w('bar.points', { n: ringAt(shape, part, ring).length })}</span>
              {ring > 0 || shape.parts.length > 1 ? (
                <button type="button" class="btn btn-small" aria-label={w('rings.removeThis', { name: name(part, ring) })} onClick={() => sketch.removeRing(part, ring)}>{w('rings.remove')}</button>
              ) : null}
            </li>
          )),
        )}
      </ul>
    </section>
  );
}
