import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Icon } from '../ui/icons';
import { useFlow } from './context';
import { crsName } from './sample';
import { checkBlockers, chosenCrs, ledger, markOf, placeless, STEPS, type Step } from './steps';
import { counted, fileSize, w, type Word } from './words';
import { fmt } from '../i18n';

/** The line under a step: one number or one word. */
function note(flow: ReturnType<typeof useFlow>, step: Step): string {
  const session = flow.session.value;
  const options = flow.draft.value;
  const progress = flow.progress.value;
  switch (step) {
    case 'read':
      if (session?.counts) return w('rows', { n: session.counts.read });
      return progress && progress.done > 0 ? w('rows', { n: progress.done }) : w('step.read.now');
    case 'check': {
      if (!session?.counts) return session?.state === 'checking' ? w('step.check.now') : ' ';
      const open = checkBlockers(session, options).filter((blocker) => blocker !== 'refused' && blocker !== 'empty');
      if (open.length > 0) return w('step.check.blocked', { n: open.length });
      const { confirm } = ledger(session.counts);
      return confirm > 0 ? w('step.check.confirm', { n: confirm }) : w('step.check.clean');
    }
    case 'crs': {
      if (!session?.counts) return ' ';
      if (placeless(session)) return w('step.crs.none');
      const crs = chosenCrs(session, options);
      return crs ? crsName(crs) : w('step.crs.choose');
    }
    case 'store':
      return flow.result.value ? w('step.store.done', { n: flow.result.value.new + flow.result.value.updated + flow.result.value.unchanged }) : w('step.store.undo');
  }
}

function Steps({ now, locked }: { now: Step; locked: boolean }): JSX.Element {
  const flow = useFlow();
  return (
    <ol class="imp-steps" aria-label={w('step.list')}>
      {STEPS.map((step, i) => {
        const mark = flow.result.value ? 'done' : markOf(step, now);
        // Reading is over: there is nothing to go back to but the file itself.
        const button = mark === 'done' && step !== 'read' && !locked;
        const name = w(`step.${step}` as Word);
        const inner = (
          <>
            <span class="imp-step-disc" aria-hidden="true">{mark === 'done' ? <Icon name="check" /> : fmt.num(i + 1)}</span>
            <span class="imp-step-words">
              <span class="imp-step-name">{name}</span>
              <span class="imp-step-note">{note(flow, step)}</span>
            </span>
          </>
        );
        return (
          <li key={step} data-mark={mark} aria-current={mark === 'now' ? 'step' : undefined}>
            {button ? (
              <button type="button" class="imp-step" title={w('step.goTo', { name })} onClick={() => (flow.step.value = step)}>
                {inner}
              </button>
            ) : (
              <span class="imp-step">{inner}</span>
            )}
          </li>
        );
      })}
    </ol>
  );
}

/** File, sheet, size, another file, and the four steps. */
export function Head({ onFiles, onBack }: { onFiles: (files: File[]) => void; onBack: () => void }): JSX.Element {
  const flow = useFlow();
  const session = flow.session.value;
  const upload = flow.upload.value;
  const phase = flow.phase.value;
  const layer = session ? (flow.draft.value.layer ?? session.layer ?? session.guessed_layer) : null;
  const names = session?.file.names ?? upload?.names ?? [];
  const sheet = session?.sheets.find((s) => s.chosen);
  const size = session?.file.size_bytes ?? upload?.total ?? 0;
  const started = names.length > 0;
  const now: Step = phase === 'reading' ? (session?.state === 'checking' ? 'check' : 'read') : phase === 'uploading' ? 'read' : phase === 'storing' ? 'store' : flow.step.value;
  return (
    <div class="imp-head">
      <button type="button" class="btn btn-icon imp-back" aria-label={w('back')} title={w('back')} onClick={onBack}>
        <Icon name="left" />
      </button>
      <div class="imp-file">
        <h2 tabIndex={-1}>{layer ? w(`title.${layer}`) : w('title')}</h2>
        {started ? (
          <p>
            <strong>{names[0]}</strong>
            {names.length > 1 ? <span> {w('file.more', { n: names.length })}</span> : null}
            {sheet ? <span> · {w('file.sheet', { name: sheet.name })}</span> : null}
            {size > 0 ? <span class="nowrap"> · {fileSize(size)}</span> : null}
            {phase === 'work' || phase === 'failed' ? <PickFiles class="btn btn-link btn-small" label={w('file.change')} onFiles={onFiles} /> : null}
          </p>
        ) : null}
      </div>
      {started && phase !== 'lost' ? <Steps now={now} locked={phase !== 'work' || flow.committing.value} /> : null}
      <span class="visually-hidden" role="status">
        {flow.result.value ? w('done.title', { n: counted(layer, flow.result.value.new + flow.result.value.updated) }) : ''}
      </span>
    </div>
  );
}

/** A button that opens the file chooser. */
export function PickFiles({ label, class: className, onFiles }: { label: string; class: string; onFiles: (files: File[]) => void }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={className} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          // The same file again must be a change again.
          event.currentTarget.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}
