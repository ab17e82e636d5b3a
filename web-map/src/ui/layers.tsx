import type { JSX } from 'preact';
import { fmt, t } from '../i18n';
import { Icon } from './icons';
import { Menu } from './menu';
import { Section } from './section';
import type { Action, LayerName } from './types';

export interface LayerRow {
  name: LayerName;
  on: boolean;
  /** Live count under the current filter; null while unknown. */
  count: number | null;
  actions?: readonly Action[];
}

interface LayerListProps {
  rows: readonly LayerRow[];
  onToggle: (name: LayerName, on: boolean) => void;
}

/** Checkbox, name, live count, more. */
export function LayerList({ rows, onToggle }: LayerListProps): JSX.Element {
  return (
    <Section title={t('panel.layers')}>
      <ul class="rows">
        {rows.map(({ name, on, count, actions }) => {
          const label = t(`layer.${name}`);
          return (
            <li class="row" key={name}>
              <label>
                <input class="check" type="checkbox" checked={on} onChange={(e) => onToggle(name, e.currentTarget.checked)} />
                <span class="row-name">{label}</span>
                <span class="row-count">{fmt.num(count)}</span>
              </label>
              {actions && actions.length > 0 ? (
                <Menu actions={actions} name={t('layer.menu', { name: label })} class="btn btn-icon row-more">
                  <Icon name="more" />
                </Menu>
              ) : null}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
