import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { useApp } from '../app/context';
import { fmt } from '../i18n';
import { Icon } from '../ui/icons';
import { ErrorBar } from '../ui/state';
import { OWN_GROUND } from '../app/grounds';
import { useFlow } from './context';
import { PickFiles } from './head';
import { undoneWords } from './log';
import { share } from './steps';
import { UndoDialog } from './undo';
import { counted, trouble, w } from './words';

/** What was stored; stays until closed. */
export function Done({ onClose, onFiles }: { onClose: () => void; onFiles: (files: File[]) => void }): JSX.Element | null {
  const app = useApp();
  const flow = useFlow();
  const asking = useSignal(false);
  const undone = useSignal<string | null>(null);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const ground = flow.result.value?.background ?? null;
  useEffect(() => {
    if (!ground) return;
    // It is shown at once, unless another background was chosen.
    void app.grounds.load().then(() => {
      if (app.grounds.chosen.peek() === null) app.grounds.use(OWN_GROUND);
    });
  }, [ground]);
  const result = flow.result.value;
  const layer = flow.session.value?.layer ?? null;
  if (!result) return null;
  const written = result.new + result.updated;
  const stored = written + result.unchanged;
  const rejectedUrl = flow.rejectedUrl();
  const seeMap = (): void => {
    app.set({ view: 'overview', camera: null, ...(layer === 'incidents' ? { period: 'all' as const } : {}), ...(layer ? { table: layer } : {}) });
    void flow.reset();
  };
  return (
    <section class="imp-done imp-card" aria-labelledby="imp-done-title">
      <span class="imp-done-mark" aria-hidden="true"><Icon name={undone.value ? 'undo' : 'check'} /></span>
      <h3 id="imp-done-title" tabIndex={-1} ref={title}>{undone.value ? w('done.taken') : result.background && stored === 0 ? w('done.ground') : written > 0 || result.repeated ? w('done.title', { n: counted(layer, stored) }) : w('done.none')}</h3>
      <p>
        {w('done.split', { new: result.new, updated: result.updated, unchanged: result.unchanged })}
        {result.unplaced > 0 ? ` · ${w('done.unplaced', { n: result.unplaced })}` : ''}
        {result.masked > 0 ? ` · ${w('done.masked', { n: result.masked })}` : ''}
      </p>
      {result.background && !undone.value ? <p>{w(result.background.replaced ? 'done.groundReplaced' : 'done.groundNew', { n: result.background.features })}</p> : null}
      {result.rejected > 0 ? (
        <p>
          {w('done.rejected', { n: result.rejected })}
          {rejectedUrl ? <> · <a href={rejectedUrl} download={w('foot.rejectedFile')}>{w('foot.download', { n: result.rejected })}</a></> : null}
        </p>
      ) : null}
      <p role="status" class="imp-said">{undone.value ?? ''}</p>
      <div class="imp-choices">
        <button type="button" class="btn btn-primary" onClick={seeMap}>{w('done.map')}</button>
        {undone.value === null && (written > 0 || ground) && result.undo !== null ? <button type="button" class="btn btn-outline" onClick={() => (asking.value = true)}>{w('done.undo')}</button> : null}
        <PickFiles class="btn btn-outline" label={w('done.next')} onFiles={onFiles} />
        <button type="button" class="btn" onClick={onClose}>{w('done.close')}</button>
      </div>
      {asking.value ? (
        <UndoDialog
          revision={result.revision}
          own
          onClose={() => (asking.value = false)}
          onDone={(back) => {
            asking.value = false;
            if (ground) void app.grounds.load();
            undone.value = undoneWords(back);
            title.current?.focus();
          }}
        />
      ) : null}
    </section>
  );
}

/** Reading, checking or storing: how far, how fast, and a way out. */
export function Working({ onCancel }: { onCancel: () => void }): JSX.Element {
  const flow = useFlow();
  const phase = flow.phase.value;
  const upload = flow.upload.value;
  const progress = flow.progress.value;
  const state = flow.session.value?.state;
  const uploading = phase === 'uploading';
  const done = uploading ? (upload?.loaded ?? 0) : (progress?.done ?? 0);
  const total = uploading ? (upload?.total ?? 0) : (progress?.total ?? 0);
  const part = share(done, total);
  const what = uploading ? w('read.uploading') : phase === 'storing' ? w('read.storing') : state === 'checking' ? w('read.checking') : w('read.reading');
  const label = part === null ? what : `${what} ${fmt.percent(part)}`;
  return (
    <section class="imp-card imp-working" aria-label={what}>
      <h3>{what} {part === null ? null : <span class="imp-percent">{fmt.percent(part)}</span>}</h3>
      <progress class="imp-progress" aria-label={label} {...(part === null ? {} : { value: part, max: 1 })} />
      <p class="muted">
        {uploading ? '' : total > 0 ? w('read.of', { done, total }) : done > 0 ? w('read.count', { done }) : ''}
        {!uploading && (progress?.rows_per_s ?? 0) > 0 ? ` · ${w('read.rate', { n: Math.round(progress?.rows_per_s ?? 0) })}` : ''}
        {phase === 'storing' ? w('read.storingHint') : ''}
      </p>
      {flow.trouble.value ? <ErrorBar text={trouble(flow.trouble.value)} /> : null}
      {phase === 'storing' ? null : <button type="button" class="btn btn-outline" onClick={onCancel}>{w('foot.cancel')}</button>}
    </section>
  );
}

/** The server forgot the batch, or it cannot be read at all. */
export function Ended({ onFiles, onClose }: { onFiles: (files: File[]) => void; onClose: () => void }): JSX.Element {
  const flow = useFlow();
  const lost = flow.lost.value;
  const error = flow.session.value?.error;
  const text = lost ? w(`lost.${lost}`) : trouble(error?.detail ?? flow.trouble.value ?? '');
  return (
    <section class="imp-card imp-working" role="alert">
      {lost ? null : <h3>{w('failed.title')}</h3>}
      <p>{text}</p>
      <div class="imp-choices">
        {lost && flow.canRetry ? <button type="button" class="btn btn-primary" onClick={() => void flow.retry()}>{w('retry')}</button> : null}
        <PickFiles class={lost && flow.canRetry ? 'btn btn-outline' : 'btn btn-primary'} label={w('file.change')} onFiles={onFiles} />
        <button type="button" class="btn" onClick={onClose}>{w('done.close')}</button>
      </div>
    </section>
  );
}
