import type { JSX } from 'preact';
import { fmt, t } from '../i18n';

export interface TrendProps {
  /** First day of the first point. */
  start: string;
  /** Days per point. */
  every: number;
  now: readonly number[];
  /** The same number of points of the period before (or a year ago). */
  before?: readonly number[];
  beforeName?: string;
  /** The last point is not complete yet: drawn hollow. */
  open?: boolean;
  end: string;
}

/** An axis top that reads easily and leaves no third of the chart empty. */
export function axisTop(max: number): number {
  if (max <= 4) return Math.max(2, Math.ceil(max / 2) * 2);
  const power = 10 ** Math.floor(Math.log10(max));
  for (const step of [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10]) {
    const top = Math.round(step * power);
    if (top >= max && top % 2 === 0) return top;
  }
  return 10 * power;
}

const W = 280;
const H = 92;
const LEFT = 28;

/** A line from zero, the period before dashed. */
export function Trend({ start, end, every, now, before, beforeName, open = false }: TrendProps): JSX.Element {
  const top = axisTop(Math.max(0, ...now, ...(before ?? [])));
  const x = (i: number, n: number): number => LEFT + (n <= 1 ? 0 : (i * (W - LEFT - 8)) / (n - 1));
  const y = (v: number): number => 6 + (H - 6) * (1 - v / top);
  const line = (values: readonly number[]): string =>
    values.map((v, i) => `${i === 0 ? 'M' : 'L'}${x(i, values.length).toFixed(1)} ${y(v).toFixed(1)}`).join('');
  const last = now.length - 1;
  const summary = `${t('trend.now')}: ${now.map((v) => fmt.num(v)).join(', ')}${open ? ` (${t('trend.open')})` : ''}`;
  return (
    <figure class="trend">
      <svg viewBox={`0 0 ${W} ${H + 22}`} role="img" aria-label={summary}>
        {[0, top / 2, top].map((v) => (
          <g key={v}>
            <line class="axis" x1={LEFT} x2={W} y1={y(v)} y2={y(v)} />
            <text x={LEFT - 6} y={y(v) + 4} text-anchor="end">{fmt.num(v)}</text>
          </g>
        ))}
        {before && before.length > 1 ? <path class="trend-before" d={line(before)} /> : null}
        <path class="trend-now" d={line(now)} />
        {last >= 0 ? <circle class={open ? 'trend-open' : 'trend-dot'} cx={x(last, now.length)} cy={y(now[last] ?? 0)} r="3.5" /> : null}
        <text x={LEFT} y={H + 18}>{fmt.short(start)}</text>
        <text x={W} y={H + 18} text-anchor="end">{fmt.short(end)}</text>
      </svg>
      <figcaption class="small muted">
        <span class="trend-key" />{t('trend.now')}
        {before ? (
          <>
            <span class="trend-key trend-key-before" />{beforeName ?? t('trend.previous')}
          </>
        ) : null}
        {` · ${t('trend.every', { n: every })}`}
        {open ? ` · ${t('trend.open')}` : ''}
      </figcaption>
    </figure>
  );
}
