/** The import page: one chunk, fetched when somebody imports. */
import '../styles/table.css';
import './import.css';
import { effect, signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { useApp } from '../app/context';
import { loadLater } from '../app/lazily';
import type { LayerName } from '../api/types';
import { fmt } from '../i18n';
import { Dialog } from '../ui/dialog';
import { layout } from '../ui/layout';
import { ErrorBar } from '../ui/state';
import { UnknownCategories } from './categories';
import { Columns } from './columns';
import { StorePanel } from './confirm';
import { ProvideFlow, useFlow } from './context';
import { DatumPanel } from './datum';
import { Done, Ended, Working } from './done';
import { dropped } from './entry';
import { ImportFlow } from './flow';
import { Foot } from './foot';
import { GroundChoice } from './ground';
import { Head } from './head';
import { Issues } from './issues';
import { Places } from './placing';
import { Preview } from './preview';
import { PrivacyNotice } from './privacy';
import { FilePanel, Questions } from './settle';
import { SampleStage } from './stage';
import { WriteLog as LogBelow } from './log';
import { Start } from './start';
import { comparedCount } from './sample';
import { checkBlockers, placeless } from './steps';
import { groundOnly } from './use';
import { inspectFiles, trouble, w } from './words';

/** Outlives the page, so that a look at the map loses nothing. */
const flow = new ImportFlow();
const chosenLayer = signal<LayerName | null>(null);
/** Files looked at and not sent: a companion is missing, or one is too large. */
const held = signal<readonly File[] | null>(null);

/** Over every view while files hang over the window. */
export function Veil(): JSX.Element {
  return <div class="imp-veil" role="status"><p>{w('start.release')}</p></div>;
}

/** Single keys that mean something here too; the others are for the map, which is not on the screen. */
const SHARED_KEYS = new Set(['/', '?', '1', '2']);

function keepKeys(event: KeyboardEvent): void {
  if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !SHARED_KEYS.has(event.key)) event.stopPropagation();
}

/** The whole page under the top bar. */
export function ImportScreen({ top, children }: { top: ComponentChildren; children?: ComponentChildren }): JSX.Element {
  return (
    <ProvideFlow value={flow}>
      <Page top={top}>{children}</Page>
    </ProvideFlow>
  );
}

function Page({ top, children }: { top: ComponentChildren; children?: ComponentChildren }): JSX.Element {
  const app = useApp();
  const said = useSignal<string | null>(null);
  const asking = useSignal(false);
  const waiting = useSignal<File[] | null>(null);
  const phase = flow.phase.value;

  const begin = (files: File[], anyway = false): void => {
    const issue = inspectFiles(files);
    said.value = null;
    if (issue.tooLarge || (issue.missing.length > 0 && !anyway)) {
      held.value = files;
      void flow.reset();
      return;
    }
    held.value = null;
    void flow.start(files, chosenLayer.peek());
  };
  const take = (files: File[], anyway = false): void => {
    if (files.length === 0) return;
    if (flow.committing.peek() || flow.phase.peek() === 'storing') said.value = w('busy');
    else if (flow.phase.peek() === 'work' && flow.touched.peek()) waiting.value = files;
    else begin(files, anyway);
  };
  const cancelled = (): void => {
    asking.value = false;
    held.value = null;
    void flow.cancel();
    said.value = w('start.cancelled');
  };
  const cancel = (): void => {
    if (flow.phase.peek() === 'work' && flow.touched.peek()) asking.value = true;
    else cancelled();
  };

  useEffect(() => {
    void loadLater();
    void flow.resume();
    const stop = effect(() => {
      const files = dropped.value;
      if (!files) return;
      dropped.value = null;
      setTimeout(() => take([...files]));
    });
    return stop;
  }, []);
  // What had the focus went with its phase: the heading takes it, not the top of the document.
  useEffect(() => {
    if (phase !== 'start' && document.activeElement === document.body) document.querySelector<HTMLElement>('.imp-head h2')?.focus();
  }, [phase]);
  // An answer of the search leads to the map.
  useEffect(() => {
    let first = true;
    return effect(() => {
      const { selection } = app.store.state.value;
      if (!first && selection) app.set({ view: 'overview' });
      first = false;
    });
  }, []);

  return (
    <div class="imp-app" data-phase={phase} onKeyDown={keepKeys}>
      {top}
      <Head onFiles={take} onBack={() => app.openTable()} />
      <Main
        onFiles={take}
        onCancel={cancel}
        onClose={() => {
          void flow.reset();
          said.value = null;
        }}
        said={said.value}
      />
      {phase === 'work' ? <Foot onCancel={cancel} onFiles={take} /> : null}
      {asking.value ? (
        <Ask title={w('discard.title')} text={w('discard.text')} yes={w('discard.yes')} no={w('discard.no')} onYes={cancelled} onNo={() => (asking.value = false)} />
      ) : null}
      {waiting.value ? (
        <Ask
          title={w('replace.title')}
          text={w('replace.text')}
          yes={w('replace.yes')}
          no={w('discard.no')}
          onYes={() => {
            const files = waiting.peek() ?? [];
            waiting.value = null;
            begin(files);
          }}
          onNo={() => (waiting.value = null)}
        />
      ) : null}
      {children}
    </div>
  );
}

function Ask({ title, text, yes, no, onYes, onNo }: { title: string; text: string; yes: string; no: string; onYes: () => void; onNo: () => void }): JSX.Element {
  return (
    <Dialog
      title={title}
      onClose={onNo}
      foot={
        <>
          <button type="button" class="btn btn-outline" onClick={onNo}>{no}</button>
          <button type="button" class="btn btn-primary" onClick={onYes}>{yes}</button>
        </>
      }
    >
      <p>{text}</p>
    </Dialog>
  );
}

function Main({ onFiles, onCancel, onClose, said }: { onFiles: (files: File[], anyway?: boolean) => void; onCancel: () => void; onClose: () => void; said: string | null }): JSX.Element {
  const phase = flow.phase.value;
  if (phase === 'work') return <Work said={said} />;
  return (
    <main class="imp-main imp-alone">
      {phase === 'start' ? <Start layer={chosenLayer.value} onLayer={(name) => (chosenLayer.value = name)} held={held.value} onFiles={onFiles} said={said} /> : null}
      {phase === 'uploading' || phase === 'reading' || phase === 'storing' ? <><LinkBar /><Working onCancel={onCancel} /></> : null}
      {phase === 'done' ? <Done onClose={onClose} onFiles={onFiles} /> : null}
      {phase === 'failed' || phase === 'lost' ? <Ended onFiles={onFiles} onClose={onClose} /> : null}
      {phase === 'lost' || phase === 'done' ? <LogBelow /> : null}
    </main>
  );
}

function LinkBar(): JSX.Element | null {
  return useFlow().linked.value ? null : <div class="bar bar-warn" role="status">{w('link.lost')}</div>;
}

/** Preview, problems and mapping beside the map and the choice of the step. */
function Work({ said }: { said: string | null }): JSX.Element {
  const pointed = useSignal<number | null>(null);
  const session = flow.session.value;
  const counts = session?.counts ?? null;
  const step = flow.step.value;
  const refused = counts !== null && counts.read > 0 && counts.rejected === counts.read;
  // While a question is open, its answer comes first; what fails without it is no news.
  const asking = session !== null && checkBlockers(session, flow.draft.value).some((blocker) => blocker === 'layer' || blocker === 'sheet' || blocker === 'encoding');
  const sample = session?.crs.candidates[0]?.points.length ?? 0;
  const candidates = comparedCount(session?.crs.candidates ?? [], null);
  // Stacked, the choice of the step comes before the long preview, in sight and for the keyboard alike.
  const choiceFirst = layout.value !== 'desktop' && step !== 'check';
  const main = (
    <main class="imp-main" key="main">
      {choiceFirst ? null : <PrivacyNotice />}
      <LinkBar />
      {said ? <p class="bar" role="status">{said}</p> : null}
      {flow.trouble.value ? <ErrorBar text={trouble(flow.trouble.value)} onClose={() => (flow.trouble.value = null)} /> : null}
      {session?.error && !asking ? <ErrorBar text={session.error.detail} /> : null}
      {refused ? (
        <div class="imp-card imp-question" role="alert">
          <h3>{w('refused.title', { n: fmt.num(counts?.read) })}</h3>
          <p class="muted">{w('refused.hint')}</p>
        </div>
      ) : null}
      <GroundChoice />
      <Questions />
      {session && session.columns.length > 0 && !groundOnly(session.background, flow.draft.value) ? (
        <>
          {counts ? <Preview /> : null}
          <div class="imp-two">
            <Issues />
            <Columns />
          </div>
          <UnknownCategories />
          <Places />
        </>
      ) : null}
    </main>
  );
  const side = (
    <aside class="imp-side" key="side" aria-label={w(`step.${step === 'read' ? 'check' : step}`)}>
      {choiceFirst ? <PrivacyNotice key="notice" /> : null}
      {step === 'crs' ? (
        <>
          <h3>{w('crs.title')}</h3>
          {session && !placeless(session) ? (
            <p class="muted small">{candidates > 1 ? w('crs.hint', { n: sample, k: candidates }) : w('crs.hintOne', { n: sample })}</p>
          ) : null}
        </>
      ) : null}
      <SampleStage key="map" pointed={pointed.value} />
      {step === 'crs' ? <DatumPanel onPoint={(index) => (pointed.value = index)} /> : step === 'store' ? <StorePanel /> : <FilePanel />}
    </aside>
  );
  return <>{choiceFirst ? [side, main] : [main, side]}</>;
}
