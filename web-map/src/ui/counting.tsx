import type { JSX } from 'preact';
import { fmt, t } from '../i18n';
import { Choice } from './choice';
import { Section } from './section';

export type Found = '' | 'resident' | 'patrol';

interface CountingProps {
  found: Found;
  onFound: (found: Found) => void;
  /** How many patrols found under the other filters; null while unknown. */
  patrol: number | null;
  todaysGrids: boolean;
  onTodaysGrids: (on: boolean) => void;
  /** There are grids to count by. */
  grids: boolean;
}

/** What counts, and by which grids: the two rules behind every figure. */
export function Counting({ found, onFound, patrol, todaysGrids, onTodaysGrids, grids }: CountingProps): JSX.Element {
  return (
    <Section title={t('panel.counting')} class="counting">
      <div class="counting-row">
        <span class="counting-name">
          {t('counting.found')} <span class="row-count">{patrol === null ? '' : t('counting.patrol', { n: fmt.num(patrol) })}</span>
        </span>
        <Choice
          label={t('counting.found')}
          value={found}
          options={[
            { value: '', label: t('found.all'), title: t('found.includePatrol') },
            { value: 'resident', label: t('found.resident') },
            { value: 'patrol', label: t('found.patrol') },
          ]}
          onChange={onFound}
        />
      </div>
      {grids ? (
        <div class="counting-row">
          <span class="counting-name">{t('legend.gridMode')}</span>
          <Choice
            label={t('legend.gridMode')}
            value={todaysGrids ? 'today' : 'event'}
            options={[
              { value: 'event', label: t('counting.event'), title: t('legend.event') },
              { value: 'today', label: t('counting.today'), title: t('legend.today') },
            ]}
            onChange={(next) => onTodaysGrids(next === 'today')}
          />
        </div>
      ) : null}
    </Section>
  );
}
