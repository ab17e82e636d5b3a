import type { JSX } from 'preact';
import { TimeBar } from '../ui/timebar';
import { firstDay, lastDay, today } from '../state/session';
import { useApp } from './context';

/** The time bar over the histogram of everything the other filters keep. */
export function Time(): JSX.Element {
  const app = useApp();
  const { session, store } = app;
  const histogram = session.histogram.state.value.value;
  const meta = session.meta.value;
  const { yearOnYear } = store.state.value;
  const live = session.livePeriod.value !== null;
  const sparse = session.opening.value === 365 || session.opening.value === 'all';
  const period = session.period.value ?? { from: meta ? firstDay(meta) : '1970-01-01', to: meta ? lastDay(meta) : '1970-01-01' };
  const stats = session.stats.state.value;
  return (
    <TimeBar
      daily={histogram ? { start: histogram.start ?? period.from, counts: histogram.counts } : null}
      {...(meta ? { thisYear: Number(today(meta).slice(0, 4)) } : {})}
      period={period}
      all={session.period.value === null}
      presets={sparse ? [30, 90, 365] : [7, 30, 90]}
      count={live || stats.loading ? null : (stats.value?.total ?? null)}
      onPeriod={(next, dragging) => app.setPeriod(next, dragging)}
      onAll={() => app.setPeriod('all', false)}
      yearOnYear={yearOnYear}
      onYearOnYear={(on) => app.set({ yearOnYear: on })}
      playing={app.playing.value}
      onPlay={() => app.togglePlay()}
      speed={app.speed.value}
      onSpeed={(speed) => app.setSpeed(speed)}
    />
  );
}
