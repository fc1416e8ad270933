/**
 * What of people's files Claude is given at most. Figures of the API: Anthropic's pages on vision and PDF support, as of
 * 2026-11-22 (10 MB of base64 for an image, 8000 pixels a side, 2000 with more than 20 images in a request; 32 MB and 600
 * images and pages for a request, 100 on models that hold 200,000 tokens).
 */

/** Bytes that are fetched of one file; Slack allows a gigabyte. */
export const MOST_BYTES = 25_000_000;
/** Bytes of a PDF that is given on: several must fit into a request beside the thread. */
export const MOST_PDF_BYTES = 15_000_000;
/** Pages of one PDF: what a model with a small window takes in a whole request. */
export const MOST_PDF_PAGES = 100;
/** Pixels of the longer side: the most that every request takes, with however many images. */
export const MOST_SIDE = 2000;
/**
 * Pixels that are unpacked at once: a picture of a few kilobytes may unpack to gigabytes. A progressive JPEG counts twice, a
 * GIF four times.
 */
export const MOST_PIXELS = 50_000_000;
/** Bytes of an image as it is given on. */
export const MOST_IMAGE_BYTES = 3_000_000;
/** Characters of one file as text: a long book chapter, a sheet of some thousand rows. */
export const MOST_CHARACTERS = 150_000;
/** Files of one message, and files that are read anew for one answer, newest first. */
export const MOST_OF_MESSAGE = 20;
export const MOST_READ = 30;
/** Of a whole request: bytes of images and PDFs, which base64 makes longer by a third, and their number. */
export const MOST_REQUEST_BYTES = 18_000_000;
export const MOST_REQUEST_PAGES = 100;
/** Milliseconds: all files of one answer, and the work on one of them after its bytes are there. */
export const READ_MS = 30_000;
export const CONVERT_MS = 15_000;
