export { Defect } from '../../core/defect.ts';
