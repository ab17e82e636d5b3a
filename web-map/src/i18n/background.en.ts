/** Words about background maps, English. */
import type { backgroundZh } from './background.zh';

export const backgroundEn: Record<keyof typeof backgroundZh, string> = {
  'title': 'Background',
  'none': 'None',
  'strength': 'Strength',
  'empty': 'No background yet. An .osm.pbf of OpenStreetMap can become one when it is imported; tile services are set in the settings.',
  'toSettings': 'Set up backgrounds',
  'gcj02': 'GCJ-02',
  'gcj02Hint': 'This background is in GCJ-02; what lies over it is moved to the same place. Coordinates, links and what is saved stay WGS84',
  'failed': 'Some tiles are missing',
  'why': 'Some tiles are missing: {why}',
};
