/** What the first map does not need; one chunk, fetched when the map is there. */
import '../styles/table.css';
import '../styles/print.css';
export { Backgrounds } from '../background/picker';
export { Dialogs } from './dialogs';
export { Fallback } from './fallback';
export { Inspect } from './inspect';
export { Categories, Hours, Rules } from './narrow';
export { Kept } from './kept';
export { Kpis } from './kpi';
export { Paper } from './paper';
export { Records } from './records';
