-- Rows that are updated often, in columns without an index, get room to be updated in place (HOT, storage parameter
-- `fillfactor`); tables that grow without bound are vacuumed by number of rows rather than by a share of all of them,
-- so that a table of ten million is not left alone for two million changes. Takes no lock that reading or writing
-- waits for; rows that are there keep their place until they are written again.
ALTER TABLE IF EXISTS skein.workers SET (fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);--> statement-breakpoint
ALTER TABLE IF EXISTS skein.mailboxes SET (fillfactor = 70, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0.01);--> statement-breakpoint
ALTER TABLE IF EXISTS skein.jobs SET (fillfactor = 80, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0.01);--> statement-breakpoint
ALTER TABLE IF EXISTS skein.replies SET (fillfactor = 70, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0.01);--> statement-breakpoint
ALTER TABLE IF EXISTS skein.segments SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE IF EXISTS skein.messages SET (fillfactor = 85, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_threshold = 10000, autovacuum_analyze_scale_factor = 0.02);--> statement-breakpoint
ALTER TABLE IF EXISTS skein.reservations SET (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);--> statement-breakpoint
ALTER TABLE IF EXISTS skein.spendings SET (autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0);
