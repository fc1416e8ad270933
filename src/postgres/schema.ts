import { customType, pgSchema } from 'drizzle-orm/pg-core';

/** All our tables live in one schema, so that Skein can share a database. */
export const skein = pgSchema('skein');

/** `timestamptz` read as milliseconds since the epoch would lose microseconds; a Date is enough for us. */
export const moment = customType<{ data: Date; driverData: string | Date }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: (value) => (value instanceof Date ? value : new Date(value)),
});

export const bytea = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => 'bytea',
  toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  fromDriver: (value) => value,
});
