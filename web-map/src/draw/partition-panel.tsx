/** 网格划分: what is wanted, how it goes, the proposal as a table, and saving it. */
import { useId } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { fmt } from '../i18n';
import { today } from '../state/session';
import { ErrorBar } from '../ui/state';
import { gridsBeside, type Basis, type Partition, type Proposal } from './partition';
import { numberOf } from './proposed';
import { areNeighbours } from './regroup';
import { boxOfShape, shapeOf } from './shape';
import type { Workshop } from './workshop';
import { trouble, w, wOr } from './words';

const WANTED: Record<Basis, string> = { households: '400', grids: '20' };

export function PartitionPanel({ shop, job }: { shop: Workshop; job: Partition }): JSX.Element {
  const { app } = shop;
  const id = useId();
  const community = useSignal('');
  const basis = useSignal<Basis>('households');
  const amount = useSignal(WANTED.households);
  const tolerance = useSignal('20');
  const seed = useSignal('1');
  const wrong = useSignal(false);
  const state = job.state.value;
  const proposal = job.proposal.value;
  const communities = [...new Set((app.session.grids.state.value.value?.features ?? []).map((f) => f.properties.community).filter((c): c is string => typeof c === 'string' && c !== ''))].sort((a, b) => a.localeCompare(b, 'zh'));
  const start = (): void => {
    const whole = (text: string): number | null => (/^\d{1,6}$/.test(text.trim()) && Number(text) > 0 ? Number(text) : null);
    const n = whole(amount.peek());
    const percent = whole(tolerance.peek());
    const seedNumber = /^\d{1,9}$/.test(seed.peek().trim()) ? Number(seed.peek()) : null;
    wrong.value = n === null || percent === null || seedNumber === null;
    if (n !== null && percent !== null && seedNumber !== null) void job.start({ community: community.peek(), basis: basis.peek(), amount: n, tolerance: percent, seed: seedNumber });
  };
  const failure = job.failure.value;
  return (
    <article class="inspector draw-panel">
      <header>
        <h2>{w('partition.title')}</h2>
      </header>
      <p class="muted">{w('partition.hint')}</p>
      {failure ? <ErrorBar text={failure === 'unsupported' ? w('partition.unsupported') : trouble(failure)} onClose={() => (job.failure.value = null)} /> : null}
      <details class="draw-section" open={!proposal}>
        <summary>{w(proposal ? 'partition.again' : 'partition.where')}</summary>
        <div class="draw-fields">
          <div class="draw-field">
            <label for={`${id}-where`}>{w('partition.where')}</label>
            <select id={`${id}-where`} class="field" value={community.value} onChange={(event) => (community.value = event.currentTarget.value)}>
              <option value="">{w('partition.whole')}</option>
              {communities.map((name) => <option key={name} value={name}>{name}</option>)}
            </select>
          </div>
          <div class="draw-field">
            <label for={`${id}-by`}>{w('partition.by')}</label>
            <select id={`${id}-by`} class="field" value={basis.value} onChange={(event) => {
              basis.value = event.currentTarget.value as Basis;
              amount.value = WANTED[basis.peek()];
            }}>
              <option value="households">{w('partition.households')}</option>
              <option value="grids">{w('partition.grids')}</option>
            </select>
          </div>
          {([['amount', amount], ['tolerance', tolerance], ['seed', seed]] as const).map(([name, value]) => (
            <div class="draw-field" key={name}>
              <label for={`${id}-${name}`}>{w(`partition.${name}`)}</label>
              <div>
                <input id={`${id}-${name}`} class="field" inputMode="numeric" autocomplete="off" value={value.value} onInput={(event) => (value.value = event.currentTarget.value)} />
                {name === 'seed' ? <p class="small muted">{w('partition.seedHint')}</p> : null}
              </div>
            </div>
          ))}
        </div>
        {wrong.value ? <p class="draw-why" role="alert">{w('partition.need')}</p> : null}
        <div class="draw-foot">
          {state === 'running' ? <button type="button" class="btn btn-outline" onClick={() => job.stop()}>{w('partition.stop')}</button> : <button type="button" class="btn btn-primary" onClick={start}>{w('partition.start')}</button>}
        </div>
      </details>
      {state === 'running' ? (
        <p role="status">
          {wOr(`partition.step.${job.progress.value.step}`, w('partition.running'))} <progress {...(job.progress.value.share === null ? {} : { value: job.progress.value.share, max: 1 })} aria-label={w('partition.running')} />
        </p>
      ) : null}
      {proposal ? <ProposalView shop={shop} job={job} proposal={proposal} tolerance={Number(tolerance.value) / 100} community={community.value} /> : null}
    </article>
  );
}

interface ViewProps {
  shop: Workshop;
  job: Partition;
  proposal: Proposal;
  tolerance: number;
  community: string;
}

function ProposalView({ shop, job, proposal, tolerance, community }: ViewProps): JSX.Element {
  const face = proposal.faces.find((item) => item.id === job.face.value) ?? null;
  const beside = face ? gridsBeside(proposal, face, areNeighbours) : [];
  const look = (index: number): void => {
    const shape = shapeOf(proposal.grids[index]?.geometry);
    const box = shape && boxOfShape(shape);
    if (box) shop.app.view.peek()?.fit(box);
  };
  return (
    <>
      <section class="draw-section">
        <h3>{w('partition.table', { n: proposal.grids.length })}</h3>
        {proposal.within === null ? null : <p class="muted small">{w('partition.within', { p: fmt.percent(proposal.within) })}</p>}
        {proposal.notes.map((note) => <p key={note} class="small draw-warn">{note}</p>)}
        <p class="muted small">{w('partition.pick')}</p>
        {face ? (
          <div class="draw-face" role="status">
            <p>{w('partition.face', { n: Math.round(face.households), g: numberOf(face.grid) })}</p>
            {beside.length ? (
              <p class="draw-pair">
                {beside.map((grid) => (
                  <button key={grid} type="button" class="btn btn-small btn-outline" aria-disabled={job.moving.value} onClick={() => void job.move(face.id, grid)}>{w('partition.moveTo', { g: numberOf(grid) })}</button>
                ))}
              </p>
            ) : <p class="muted">{w('partition.noneBeside')}</p>}
          </div>
        ) : null}
        <div class="draw-scroll" tabIndex={0} role="region" aria-label={w('partition.table', { n: proposal.grids.length })}>
          <table class="draw-table">
            <thead>
              <tr>
                <th scope="col">{w('partition.grid')}</th>
                <th scope="col" class="num">{w('partition.count')}</th>
                <th scope="col" class="num">{w('partition.area')}</th>
                <th scope="col" class="num">{w('partition.deviation')}</th>
              </tr>
            </thead>
            <tbody>
              {proposal.grids.map((grid, i) => {
                const over = grid.deviation !== null && Math.abs(grid.deviation) > tolerance;
                return (
                  <tr key={grid.grid} data-over={over}>
                    <th scope="row"><button type="button" class="btn-text" onClick={() => look(i)}>{numberOf(grid.grid)}</button></th>
                    <td class="num">{fmt.num(Math.round(grid.households))}</td>
                    <td class="num">{fmt.area(grid.area_m2)}</td>
                    <td class="num">{grid.deviation === null ? '—' : fmt.signed(Math.round(grid.deviation * 100))}{grid.deviation === null ? '' : '%'}{over ? <span title={w('partition.over')} aria-label={w('partition.over')}> !</span> : null}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </section>
      <SaveFields shop={shop} job={job} count={proposal.grids.length} community={community} />
    </>
  );
}

function SaveFields({ shop, job, count, community }: { shop: Workshop; job: Partition; count: number; community: string }): JSX.Element {
  const id = useId();
  const meta = shop.app.session.meta.value;
  const prefix = useSignal('WG');
  const name = useSignal(community);
  const day = useSignal(meta ? today(meta) : '');
  const saving = job.state.value === 'saving';
  const save = async (): Promise<void> => {
    const stored = await job.save(prefix.peek().trim(), name.peek().trim(), day.peek());
    if (!stored) return;
    shop.noteUndo(w('partition.saved', { n: count }), stored.revision);
    shop.end();
  };
  return (
    <section class="draw-section">
      <div class="draw-fields">
        {([['prefix', prefix, 'text'], ['community', name, 'text'], ['day', day, 'date']] as const).map(([key, value, type]) => (
          <div class="draw-field" key={key}>
            <label for={`${id}-${key}`}>{w(`partition.${key}`)}</label>
            <div>
              <input id={`${id}-${key}`} class="field" type={type as 'text'} autocomplete="off" value={value.value} onInput={(event) => (value.value = event.currentTarget.value)} />
              {key === 'day' ? <p class="small muted">{w('partition.dayHint')}</p> : null}
            </div>
          </div>
        ))}
      </div>
      <div class="draw-foot">
        <button type="button" class="btn" onClick={() => shop.leave()}>{w('bar.cancel')}</button>
        <button type="button" class="btn btn-primary" aria-disabled={saving} onClick={() => !saving && void save()}>{saving ? w('bar.saving') : w('partition.save', { n: count })}</button>
      </div>
    </section>
  );
}
