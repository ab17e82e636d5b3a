import type { JSX } from 'preact';
import { fmt } from '../i18n';
import { useFlow } from './context';
import { PickFiles } from './head';
import { crsName } from './sample';
import { backStep, blockers, chosenCrs, ledger, nextStep, placeless } from './steps';
import { groundOnly } from './use';
import { counted, w, type Word } from './words';

function mainLabel(flow: ReturnType<typeof useFlow>): { text: string; off: boolean } {
  const session = flow.session.value;
  const options = flow.draft.value;
  const step = flow.step.value;
  if (!session) return { text: '', off: true };
  const [blocker] = blockers(step, session, options);
  if (blocker) return { text: w(`foot.block.${blocker}` as Word), off: true };
  if (flow.pending.value || session.state === 'checking' || !session.counts) return { text: w('foot.wait'), off: true };
  if (step === 'check') return { text: w('foot.next'), off: false };
  if (step === 'crs') {
    if (groundOnly(session.background, options)) return { text: w('foot.nextStore'), off: false };
    const crs = chosenCrs(session, options);
    return { text: placeless(session) || !crs ? w('foot.noCrs') : w('foot.useCrs', { crs: crsName(crs) }), off: false };
  }
  const { direct, confirm } = ledger(session.counts);
  if (groundOnly(session.background, options)) return { text: w('foot.ground'), off: false };
  const n = counted(session.layer, direct + confirm);
  return { text: session.background && options.background ? w('foot.storeAndGround', { n }) : w('foot.store', { n }), off: false };
}

/** The four numbers that add up, the refused rows, and the one way on. */
export function Foot({ onCancel, onFiles }: { onCancel: () => void; onFiles: (files: File[]) => void }): JSX.Element {
  const flow = useFlow();
  const session = flow.session.value;
  const counts = session?.counts ?? null;
  const sums = counts && !groundOnly(session?.background ?? null, flow.draft.value) ? ledger(counts) : null;
  const step = flow.step.value;
  const before = backStep(step);
  const main = mainLabel(flow);
  const refused = counts !== null && counts.read > 0 && counts.rejected === counts.read;
  const rejectedUrl = flow.rejectedUrl();
  const go = (): void => {
    if (main.off) return;
    if (step === 'store') void flow.commit();
    else flow.step.value = nextStep(step) ?? step;
  };
  return (
    <footer class="imp-foot">
      {sums ? (
        <div class="imp-sums" role="group" aria-label={w('foot.label')}>
          <span class="imp-sum"><b>{fmt.num(sums.direct)}</b> {w('foot.direct')}</span>
          <span class="imp-sum"><b>{fmt.num(sums.confirm)}</b> {w('foot.confirm')}</span>
          <span class="imp-sum"><b>{fmt.num(sums.rejected)}</b> {w('foot.rejected')}</span>
          <span class="imp-sum muted">{w('foot.total', { n: sums.total })}</span>
          {sums.rejected > 0 && rejectedUrl ? <a class="btn btn-link" href={rejectedUrl} download="">{w('foot.download', { n: sums.rejected })}</a> : null}
        </div>
      ) : <span />}
      <div class="imp-go">
        {before ? <button type="button" class="btn btn-outline" onClick={() => (flow.step.value = before)}>{w('foot.back')}</button> : null}
        <button type="button" class="btn btn-outline" onClick={onCancel}>{w('foot.cancel')}</button>
        {refused ? (
          <PickFiles class="btn btn-primary imp-on" label={w('file.change')} onFiles={onFiles} />
        ) : (
          <button type="button" class="btn btn-primary imp-on" aria-disabled={main.off} onClick={go}>{main.text}</button>
        )}
      </div>
    </footer>
  );
}
