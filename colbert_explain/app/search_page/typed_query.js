// The query in the field, for the row that a workbench has, too; here it has no document.

/** Hold a query. `onChange(act)` tells of every change. */
export function typedQuery() {
  const listeners = new Set();
  const typed = {
    query: "",
    documents: [],
    setQuery(query) {
      typed.query = query;
      for (const act of listeners) act("query");
    },
    /** Put in a query that nobody typed. */
    load(query) {
      typed.query = query;
      for (const act of listeners) act("load");
    },
    onChange(act) {
      listeners.add(act);
      return () => listeners.delete(act);
    },
  };
  return typed;
}
