-- A yes points to the words that were shown: they stay as they were.
CREATE TRIGGER customers_wording_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON customers_wording
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
