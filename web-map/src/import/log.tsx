import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { isAbort } from '../api/client';
import { useApp } from '../app/context';
import { fmt } from '../i18n';
import { ErrorBar, Skeleton } from '../ui/state';
import { WRITES_PAGE } from './api';
import { useFlow } from './context';
import type { UndoResult, Write } from './types';
import { UndoDialog } from './undo';
import { layerName, w, wOr } from './words';

/** `网格 新增 6、更新 2` */
function countsWords(write: Write): string {
  return write.counts.map((c) => `${layerName(c.layer)} ${wOr(`op.${c.op}`, c.op)} ${fmt.num(c.rows)}`).join(w('join'));
}

/** The file's name, or which batch was taken back. */
function reasonWords(write: Write): string {
  // What the program itself began with is said by its name alone.
  if (write.action === 'sample' || write.action === 'create') return '';
  return write.undoes !== null ? w('log.batch', { n: String(write.undoes) }) : write.reason;
}

export function undoneWords(result: UndoResult): string {
  return result.kept > 0 ? w('done.undoneKept', { n: result.reverted, kept: result.kept }) : w('done.undone', { n: result.reverted });
}

/** Everything that was written, newest first, each to be undone as a whole. */
export function WriteLog(): JSX.Element {
  const app = useApp();
  const flow = useFlow();
  const writes = useSignal<Write[] | null>(null);
  const more = useSignal(false);
  const failed = useSignal(false);
  const undoing = useSignal<Write | null>(null);
  const said = useSignal('');
  const revision = app.session.meta.value?.revision ?? 0;

  const load = async (before: number | null, signal?: AbortSignal): Promise<void> => {
    try {
      const page = await flow.api.writes(before, signal);
      writes.value = before === null ? page : [...(writes.peek() ?? []), ...page];
      more.value = page.length >= WRITES_PAGE;
      failed.value = false;
    } catch (error) {
      if (!isAbort(error)) failed.value = true;
    }
  };
  useEffect(() => {
    const stop = new AbortController();
    void load(null, stop.signal);
    return () => stop.abort();
  }, [revision]);

  const rows = writes.value;
  return (
    <section class="imp-log" aria-labelledby="imp-log-title">
      <div class="imp-section-head">
        <h3 id="imp-log-title">{w('log.title')}</h3>
        <span class="muted small">{w('log.hint')}</span>
      </div>
      <p role="status" class="imp-said">{said.value}</p>
      {failed.value ? <ErrorBar text={w('log.failed')} onRetry={() => void load(null)} /> : null}
      {rows === null ? (failed.value ? null : <Skeleton lines={4} />) : rows.length === 0 ? <p class="muted">{w('log.none')}</p> : (
        <div class="imp-card imp-log-scroll" tabIndex={0} role="region" aria-labelledby="imp-log-title">
          <table class="imp-log-table">
            <thead>
              <tr>
                <th scope="col">{w('log.time')}</th>
                <th scope="col">{w('log.what')}</th>
                <th scope="col">{w('log.rows')}</th>
                <th scope="col">{w('log.state')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((write) => (
                <tr key={write.revision} data-undone={write.undone_by !== null}>
                  <th scope="row" class="nowrap">{fmt.time(write.at, false, true)}</th>
                  <td><span>{wOr(`action.${write.action}`, write.action)}</span>{reasonWords(write) ? <span class="muted"> {reasonWords(write)}</span> : null}</td>
                  <td>{countsWords(write)}</td>
                  <td>
                    {write.undone_by !== null ? (
                      <span class="muted">{w('log.undone', { n: String(write.undone_by) })}</span>
                    ) : write.undoable ? (
                      <button type="button" class="btn-text" aria-label={w('log.undoThis', { time: fmt.time(write.at, false, true) })} onClick={() => (undoing.value = write)}>{w('log.undo')}</button>
                    ) : (
                      <span class="muted">{w('log.fixed')}</span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {more.value && rows?.length ? (
        <button type="button" class="btn btn-link btn-small" onClick={() => void load(rows[rows.length - 1]?.revision ?? null)}>{w('log.more')}</button>
      ) : null}
      {undoing.value ? (
        <UndoDialog
          revision={undoing.value.revision}
          own={false}
          onClose={() => (undoing.value = null)}
          onDone={(result) => {
            undoing.value = null;
            said.value = undoneWords(result);
            void load(null);
          }}
        />
      ) : null}
    </section>
  );
}
