import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { LAYERS, type LayerName } from '../api/types';
import { Icon } from '../ui/icons';
import { ErrorBar } from '../ui/state';
import { useFlow } from './context';
import { PickFiles } from './head';
import { WriteLog } from './log';
import { inspectFiles, layerName, trouble, w } from './words';

interface StartProps {
  layer: LayerName | null;
  onLayer: (layer: LayerName | null) => void;
  /** Files that were looked at and not sent yet. */
  held: readonly File[] | null;
  onFiles: (files: File[], anyway?: boolean) => void;
  said: string | null;
}

/** Choose or drop, then the log of what was written before. */
export function Start({ layer, onLayer, held, onFiles, said }: StartProps): JSX.Element {
  const flow = useFlow();
  const over = useSignal(false);
  const issue = held ? inspectFiles(held) : null;
  return (
    <div class="imp-start">
      {said ? <p class="imp-said" role="status">{said}</p> : null}
      {flow.trouble.value ? <ErrorBar text={trouble(flow.trouble.value)} {...(flow.canRetry ? { onRetry: () => void flow.retry() } : {})} /> : null}
      {issue?.tooLarge ? <ErrorBar text={w('start.tooLarge', { name: issue.tooLarge })} /> : null}
      {issue && issue.missing.length > 0 && !issue.tooLarge ? (
        <div class="bar bar-warn" role="alert">
          <span>{w('start.noDbf', { list: issue.missing.join(w('join')) })}</span>
          <PickFiles class="btn btn-outline btn-small" label={w('start.again')} onFiles={onFiles} />
          <button type="button" class="btn btn-link btn-small" onClick={() => held && onFiles([...held], true)}>{w('start.anyway')}</button>
        </div>
      ) : null}
      <section class="imp-drop" data-over={over.value} aria-label={w('title')} onDragEnter={() => (over.value = true)} onDragLeave={() => (over.value = false)} onDrop={() => (over.value = false)}>
        <span class="imp-drop-mark" aria-hidden="true"><Icon name="download" /></span>
        <p class="imp-drop-words">
          <strong>{w('start.drop')}</strong> <span class="muted">{w('start.or')}</span> <PickFiles class="btn btn-primary" label={w('start.choose')} onFiles={onFiles} />
        </p>
        <p class="muted small">{w('start.formats')}</p>
      </section>
      <fieldset class="imp-layers">
        <legend>{w('start.layer')}</legend>
        <div class="segments imp-layer-choice">
          {([null, ...LAYERS] as const).map((name) => (
            <button key={name ?? 'auto'} type="button" aria-pressed={layer === name} onClick={() => onLayer(name)}>
              {name ? layerName(name) : w('start.auto')}
            </button>
          ))}
        </div>
      </fieldset>
      <p class="imp-promise">
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M4.5 9h11v8h-11V9ZM7 9V6.5a3 3 0 0 1 6 0V9" /></svg>
        <span>{w('start.promise')}</span>
      </p>
      <WriteLog />
    </div>
  );
}
