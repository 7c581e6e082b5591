// Files that never end, for the test of the reporter that says so.
export default { test: { include: ['*.hanging.mjs'], pool: 'forks', hookTimeout: 0 } };
