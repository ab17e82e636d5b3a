/** The editor: one chunk, fetched when somebody edits. */
import '../styles/table.css';
import './draw.css';
import { useId } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { fmt, t } from '../i18n';
import { Dialog } from '../ui/dialog';
import { ErrorBar, Skeleton } from '../ui/state';
import { ConflictPanel } from './conflict-panel';
import { useShop } from './context';
import { CornerPanel, Rings } from './corner';
import type { EditJob } from './edit';
import { Form, Places } from './form';
import { HistoryPanel } from './history';
import { PartitionPanel } from './partition-panel';
import { RegroupPanel } from './regroup-panel';
import type { Workshop } from './workshop';
import { slitText, trouble, w } from './words';

export { DrawBar } from './bar';

/** What stands at the right while a task is open. */
export function DrawPanel(): JSX.Element {
  const shop = useShop();
  const work = shop.work.value;
  switch (work.kind) {
    case 'loading':
      return <Skeleton lines={8} />;
    case 'failed':
      return (
        <article class="inspector draw-panel">
          <ErrorBar text={trouble(work.why)} />
          <button type="button" class="btn btn-outline" onClick={() => shop.end()}>{t('action.close')}</button>
        </article>
      );
    case 'edit':
      return <EditPanel key={work.job.key} shop={shop} job={work.job} />;
    case 'regroup':
      return <RegroupPanel shop={shop} job={work.job} />;
    case 'history':
      return <HistoryPanel key={`${work.layer}/${work.id}`} shop={shop} layer={work.layer} id={work.id} />;
    case 'partition':
      return <PartitionPanel shop={shop} job={work.job} />;
  }
}

function EditPanel({ shop, job }: { shop: Workshop; job: EditJob }): JSX.Element {
  const id = useId();
  const saving = job.saving.value;
  return (
    <article class="inspector draw-panel">
      <header>
        <p class="crumb">{t(`layer.${job.layer}`)}</p>
        <h2>{w(job.isNew() ? `new.${job.layer}` : `edit.${job.layer}`)} {job.name() ? <span class="inspector-code">{job.name()}</span> : null}</h2>
      </header>
      <DraftNotice job={job} />
      {job.met.value.length ? <ConflictPanel shop={shop} job={job} /> : <Trouble job={job} />}
      <Findings shop={shop} job={job} />
      <Form app={shop.app} job={job} />
      <CornerPanel app={shop.app} job={job} />
      <Rings sketch={job.sketch} />
      <Places job={job} />
      <div class="draw-section">
        <div class="draw-fields">
          <div class="draw-field draw-wide">
            <label for={id}>{w('form.reason')}</label>
            <input id={id} class="field" maxLength={200} autocomplete="off" value={job.reason.value} onInput={(event) => (job.reason.value = event.currentTarget.value)} />
          </div>
        </div>
      </div>
      <div class="draw-foot">
        {job.isNew() ? null : <button type="button" class="btn draw-delete" onClick={() => (shop.asking.value = 'delete')}>{w('delete.button')}</button>}
        <button type="button" class="btn" onClick={() => shop.leave()}>{w('bar.cancel')}</button>
        <button type="button" class="btn btn-primary" aria-disabled={saving} onClick={() => !saving && shop.finish()}>{saving ? w('bar.saving') : w('bar.finish')}</button>
      </div>
    </article>
  );
}

/** What stands in the way of saving, where it is and what to do. */
function Trouble({ job }: { job: EditJob }): JSX.Element | null {
  const bad = job.sketch.bad.value;
  const failure = job.failure.value;
  const wrong = Object.keys(job.wrong.value).length;
  const words = (code: string): string => (code === 'short' || code === 'noShape' || code === 'fields' ? w(`save.${code}`) : trouble(code));
  return (
    <>
      {bad ? <ErrorBar text={bad.why === 'crosses' ? w('save.crosses') : bad.why} onClose={() => (job.sketch.bad.value = null)} /> : null}
      {failure && failure !== bad?.why ? <ErrorBar text={words(failure)} onClose={() => (job.failure.value = null)} /> : null}
      {wrong ? <ErrorBar text={w('form.fix', { n: wrong })} /> : null}
    </>
  );
}

function DraftNotice({ job }: { job: EditJob }): JSX.Element | null {
  const draft = job.draft.value;
  if (!draft) return null;
  return (
    <div class="bar" role="status">
      <span>{w('draft.found', { time: fmt.time(new Date(draft.at).toISOString(), false, true) })} {job.layer === 'incidents' ? w('draft.noText') : ''}</span>
      <button type="button" class="btn btn-link" onClick={() => job.useDraft()}>{w('draft.use')}</button>
      <button type="button" class="btn btn-link" onClick={() => job.dropDraft()}>{w('draft.drop')}</button>
    </div>
  );
}

/** Gaps and overlaps that saving would leave. */
function Findings({ shop, job }: { shop: Workshop; job: EditJob }): JSX.Element | null {
  const found = job.findings.value;
  if (!found) return null;
  return (
    <section class="draw-section draw-findings" role="alert" aria-label={w('check.title')}>
      <h3>{w('check.title')}</h3>
      <ul class="draw-list">
        {found.slice(0, 50).map((finding, i) => (
          <li key={i}>
            <span>
              <strong>{w(`check.${finding.kind}`)} {slitText(finding.area_m2)}</strong>{' '}
              <span class="muted">{finding.between.length ? w('check.between', { list: finding.between.map((code) => shop.app.session.gridName(code)).join(t('list.separator')) }) : w('check.alone')}</span>
            </span>
            <button type="button" class="btn btn-small btn-outline" onClick={() => shop.look(finding)}>{w('check.zoom')}</button>
          </li>
        ))}
      </ul>
      <p class="small muted">{w('check.hint')} {job.older.value ? w('check.older', { n: job.older.value }) : ''}</p>
      <p class="draw-pair">
        <button type="button" class="btn btn-primary btn-small" onClick={() => (job.findings.value = null)}>{w('check.back')}</button>
        <button type="button" class="btn btn-outline btn-small" onClick={() => void shop.save(true)}>{w('check.anyway')}</button>
      </p>
    </section>
  );
}

/** Questions before something is lost. */
export function DrawDialogs(): JSX.Element | null {
  const shop = useShop();
  const asking = shop.asking.value;
  const work = shop.work.value;
  if (asking === null) return null;
  const close = (): void => shop.stay();
  if (asking === 'delete' && work.kind === 'edit') {
    return (
      <Ask title={w('delete.title', { name: work.job.name() })} text={w('delete.text')} onClose={close}>
        <button type="button" class="btn btn-outline" onClick={close}>{w('bar.cancel')}</button>
        <button type="button" class="btn btn-primary" onClick={() => void shop.remove()}>{w('delete.yes')}</button>
      </Ask>
    );
  }
  return (
    <Ask title={w('leave.title')} text={w('leave.text')} onClose={close}>
      {work.kind === 'edit' ? <button type="button" class="btn btn-outline" onClick={() => { shop.asking.value = null; shop.putAside(); }}>{w('leave.draft')}</button> : null}
      <button type="button" class="btn btn-outline" onClick={() => shop.end()}>{w('leave.yes')}</button>
      <button type="button" class="btn btn-primary" onClick={close}>{w('leave.no')}</button>
    </Ask>
  );
}

function Ask({ title, text, onClose, children }: { title: string; text: string; onClose: () => void; children: ComponentChildren }): JSX.Element {
  return (
    <Dialog title={title} onClose={onClose} foot={children}>
      <p>{text}</p>
    </Dialog>
  );
}
