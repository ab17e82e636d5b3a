import type { JSX } from 'preact';
import { useFlow } from './context';
import type { Problem } from './types';
import { w, type Word } from './words';

/** Where each remedy is. */
const REMEDY: Record<Problem['action'], Word | null> = {
  none: null,
  crs: 'issues.choose',
  mapping: 'issues.mapping',
  places: 'issues.confirm',
  encoding: 'issues.choose',
  category: 'issues.choose',
  sheet: 'issues.choose',
};

/** Ids of the parts of the page that remedies lead to. */
export const PARTS = { places: 'imp-places', category: 'imp-categories', mapping: 'imp-columns', encoding: 'imp-encodings', crs: 'imp-datum', sheet: 'imp-sheet' } as const;

/** Brings a part of the page into sight and the keyboard into it. */
export function goToPart(id: string): void {
  // The part may only be drawn after this change of step.
  setTimeout(() => {
    const part = document.getElementById(id);
    part?.scrollIntoView({ block: 'start' });
    (part?.querySelector<HTMLElement>('button,select,input,a[href]') ?? part)?.focus({ preventScroll: true });
  });
}

function Issue({ problem }: { problem: Problem }): JSX.Element {
  const flow = useFlow();
  const on = flow.problem.value === problem.code;
  const tone = problem.severity === 'rejected' ? 'bad' : 'warn';
  const remedy = REMEDY[problem.action];
  const look = (): void => {
    flow.setShow('all', problem.code);
    document.getElementById('imp-preview-title')?.scrollIntoView({ block: 'nearest' });
  };
  const act = (): void => {
    if (problem.action === 'none') return;
    if (problem.action === 'crs') flow.step.value = 'crs';
    if (problem.action === 'encoding' || problem.action === 'sheet') flow.step.value = 'check';
    goToPart(PARTS[problem.action]);
  };
  return (
    <li class="imp-issue" data-on={on}>
      {problem.rows > 0 ? (
        <button type="button" class="imp-issue-name" data-tone={tone} aria-pressed={on} aria-label={w('issues.lookAt', { name: problem.title, n: problem.rows })} onClick={look}>
          {problem.title}
        </button>
      ) : (
        <span class="imp-issue-name" data-tone={tone}>{problem.title}</span>
      )}
      <span class="num nowrap">{problem.rows > 0 ? w('rows', { n: problem.rows }) : ''}</span>
      <span class="imp-issue-what">{problem.what_happens}</span>
      {remedy ? (
        <button type="button" class="btn btn-link btn-small" aria-label={`${w(remedy)}: ${problem.title}`} onClick={act}>{w(remedy)}</button>
      ) : problem.rows === 0 ? null : (
        <button type="button" class="btn btn-link btn-small" aria-label={w('issues.lookAt', { name: problem.title, n: problem.rows })} onClick={look}>{w('issues.look')}</button>
      )}
    </li>
  );
}

/** Problems by kind: how many rows, what happens to them, one thing to do. */
export function Issues(): JSX.Element {
  const flow = useFlow();
  const order = { rejected: 0, repaired: 1, warning: 1 };
  const problems = [...(flow.session.value?.problems ?? [])].sort((a, b) => order[a.severity] - order[b.severity]);
  const rows = problems.reduce((n, problem) => n + problem.rows, 0);
  return (
    <section class="imp-part" aria-labelledby="imp-issues-title">
      <div class="imp-section-head">
        <h3 id="imp-issues-title">{w('issues.title')}</h3>
        {problems.length > 0 ? <span class="muted small">{rows > 0 ? w('issues.count', { kinds: problems.length, rows }) : w('issues.kinds', { n: problems.length })}</span> : null}
      </div>
      {problems.length > 0 ? <ul class="imp-lines">{problems.map((problem) => <Issue key={`${problem.code}/${problem.severity}`} problem={problem} />)}</ul> : <p class="muted">{w('issues.none')}</p>}
    </section>
  );
}
