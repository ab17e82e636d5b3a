import type { ComponentChildren, JSX } from 'preact';
import { t } from '../i18n';
import { Icon } from './icons';

export interface Kpi {
  id: string;
  label: string;
  value: ComponentChildren;
  /** Small words after the value. */
  note?: string;
  /** More than before: said in red, as in the time bar. */
  up?: boolean;
  /** Opens the list the figure counts. */
  href: string;
  onOpen: () => void;
}

interface KpiStripProps {
  items: readonly Kpi[];
  /** One line of small type instead of large figures. */
  slim?: boolean;
  onSlim?: (slim: boolean) => void;
}

/** The figures of the period; each is a link to the list it counts. */
export function KpiStrip({ items, slim = false, onSlim }: KpiStripProps): JSX.Element {
  return (
    <section class="kpis" data-slim={slim} aria-label={t('kpi.label')}>
      <ul>
        {items.map((item) => (
          <li key={item.id}>
            <a
              class="kpi"
              href={item.href}
              onClick={(event) => {
                // A new tab or window is the browser's to open.
                if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
                event.preventDefault();
                item.onOpen();
              }}
            >
              <span class="kpi-label">{item.label}</span>
              <span class="kpi-value" data-up={item.up === true}>{item.value}</span>
              {item.note ? <span class="kpi-note" title={item.note}>{item.note}</span> : null}
            </a>
          </li>
        ))}
      </ul>
      {onSlim ? (
        <button type="button" class="btn btn-icon btn-small kpis-toggle" aria-expanded={!slim} aria-label={t(slim ? 'kpi.expand' : 'kpi.collapse')} title={t(slim ? 'kpi.expand' : 'kpi.collapse')} onClick={() => onSlim(!slim)}>
          <Icon name={slim ? 'down' : 'up'} />
        </button>
      ) : null}
    </section>
  );
}
