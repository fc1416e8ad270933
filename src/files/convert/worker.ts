import { parentPort } from 'node:worker_threads';
import { convert } from './document.ts';

/** The thread in which files of people are converted: what goes wrong here takes nothing else with it. */
parentPort?.on('message', async ({ bytes, name }: { bytes: Uint8Array; name: string }) => {
  parentPort?.postMessage(await convert(bytes, name));
});
