-- Callbacks take turns by receiver. Messages of earlier versions have none and share one turn.
ALTER TABLE callback_delivery ADD COLUMN receiver ${text} NOT NULL DEFAULT '';
CREATE INDEX callback_delivery_by_receiver ON callback_delivery (receiver, next_attempt_at) WHERE state = 'PENDING';
