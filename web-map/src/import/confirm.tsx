import type { JSX } from 'preact';
import { fmt } from '../i18n';
import { ProfileSave } from './columns';
import { useFlow } from './context';
import { classWords } from './ground';
import { tally } from './places';
import { crsName } from './sample';
import { chosenCrs, ledger, placeless } from './steps';
import { w, type Word } from './words';

/** The last look: what will be written, and what is kept for next month. */
export function StorePanel(): JSX.Element | null {
  const flow = useFlow();
  const session = flow.session.value;
  const counts = session?.counts;
  if (!session || !counts) return null;
  const crs = chosenCrs(session, flow.draft.value);
  const sums = ledger(counts);
  const places = tally(flow.draft.value, flow.places.value ?? []);
  const fact = (word: Word, value: string): JSX.Element => (
    <div class="imp-figure">
      <dt>{w(word)}</dt>
      <dd>{value}</dd>
    </div>
  );
  return (
    <section aria-labelledby="imp-store-title">
      <h3 id="imp-store-title">{w('store.title')}</h3>
      <dl class="imp-figures">
        {fact('store.new', fmt.num(counts.new))}
        {fact('store.updated', fmt.num(counts.updated))}
        {fact('store.unchanged', fmt.num(counts.unchanged))}
        {fact('store.unplaced', fmt.num(counts.unplaced))}
        {fact('store.masked', fmt.num(counts.masked))}
        {fact('store.rejected', fmt.num(counts.rejected))}
        {fact('store.crs', placeless(session) || !crs ? w('store.noCrs') : crsName(crs))}
      </dl>
      {session.background && flow.draft.value.background ? <p>{w('ground.stored', { list: classWords(session.background.counts) })}</p> : null}
      {sums.confirm > 0 ? <p class="imp-warn">{w('store.open', { n: sums.confirm })}</p> : null}
      {places.open > 0 ? <p class="imp-warn">{w('store.places', { n: places.open, what: w('store.unconfirmed') })}</p> : null}
      <ProfileSave />
      <p class="muted small">{w('store.undo')}</p>
    </section>
  );
}
