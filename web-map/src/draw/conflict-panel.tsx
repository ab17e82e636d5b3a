/**
 * Somebody else saved first. Not a modal dialog: both shapes are on the map, and the map has to be
 * seen and moved to choose.
 */
import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { lang } from '../i18n';
import { valueWord } from '../ui/words';
import { differences } from './conflict';
import type { EditJob, Met } from './edit';
import { areaOf, lengthOf, shapeOf } from './shape';
import { fmt } from '../i18n';
import type { Workshop } from './workshop';
import { areaText, w } from './words';

export function ConflictPanel({ shop, job }: { shop: Workshop; job: EditJob }): JSX.Element {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  const take = (): void => {
    if (job.takeTheirs() === 'gone') {
      shop.end();
      shop.app.set({ selection: null });
    }
  };
  return (
    <section class="draw-section draw-conflict" role="alert" aria-label={w('conflict.title')}>
      <h3 ref={head} tabIndex={-1}>{w('conflict.title')}</h3>
      {job.met.value.map((met) => <Meeting key={met.key} job={job} met={met} />)}
      <p class="small"><span class="draw-key draw-key-solid" aria-hidden="true" /> {w('conflict.solid')} <span class="draw-key draw-key-dashed" aria-hidden="true" /> {w('conflict.dashed')}</p>
      <dl class="draw-choices">
        <dt><button type="button" class="btn btn-primary" onClick={() => { job.keepMine(); void shop.save(true); }}>{w('conflict.keep')}</button></dt>
        <dd class="small muted">{w('conflict.keepHint')}</dd>
        <dt><button type="button" class="btn btn-outline" onClick={take}>{w('conflict.take')}</button></dt>
        <dd class="small muted">{w('conflict.takeHint')}</dd>
        <dt><button type="button" class="btn btn-outline" onClick={() => shop.putAside()}>{w('conflict.draft')}</button></dt>
        <dd class="small muted">{w('conflict.draftHint')}</dd>
      </dl>
    </section>
  );
}

function Meeting({ job, met }: { job: EditJob; met: Met }): JSX.Element {
  const { current } = met.conflict;
  const name = met.key === job.key ? job.name() || w(`edit.${job.layer}`) : job.nameOf(met.key);
  if (!current) return <p>{w('conflict.gone', { name })}</p>;
  const rows = differences(met.before, met.mine, current);
  const title = (field: string): string => {
    if (field === 'geometry') return w('conflict.geometry');
    const found = job.fields.find((f) => f.name === field);
    return found ? (lang.value === 'en' ? found.title.en : found.title.zh) : field;
  };
  const shape = (geometry: unknown, before: unknown): string => {
    const of = shapeOf(geometry as GeoJSON.Geometry | null);
    const size = of ? (of.sort === 'Polygon' ? areaText(areaOf(of)) : of.sort === 'LineString' ? fmt.length(lengthOf(of)) : '') : '—';
    const changed = JSON.stringify(geometry) !== JSON.stringify(before);
    return [size, w(changed ? 'conflict.geometryChanged' : 'conflict.geometrySame')].filter(Boolean).join(' · ');
  };
  const cell = (field: string, value: unknown, before: unknown): string => (field === 'geometry' ? shape(value, before) : valueWord(job.layer, field, value));
  return (
    <>
      <p>{w('conflict.text', { name })}</p>
      {rows.length === 0 ? <p class="muted">{w('conflict.none')}</p> : (
        <table class="draw-table">
          <thead>
            <tr>
              <th scope="col">{w('conflict.property')}</th>
              <th scope="col">{w('conflict.mine')}</th>
              <th scope="col">{w('conflict.theirs')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name} data-by={row.by}>
                <th scope="row">{title(row.name)}{row.by === 'both' ? <span class="draw-both"> {w('conflict.both')}</span> : null}</th>
                <td data-changed={row.by !== 'theirs'}>{cell(row.name, row.mine, row.before)}</td>
                <td data-changed={row.by !== 'mine'}>{cell(row.name, row.theirs, row.before)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
