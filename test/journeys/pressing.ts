export { startWorld as startPressing } from './world.ts';
