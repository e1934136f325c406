// Jobs that run on any service, for people who see it for the first time.

export const EXAMPLES = [
  {
    title: 'Squares',
    text: 'A Python function over ten numbers.',
    job: {
      name: 'squares',
      function: {runtime: 'python', code: 'def square(x):\n    return x * x\n'},
      inputs: {range: {start: 1, stop: 11}},
    },
  },
  {
    title: 'Primes near 100 million',
    text: 'A function of the service over 100,000 numbers. The service chooses the chunks.',
    job: {
      name: 'primes near 1e8',
      function: 'check_prime',
      inputs: {range: {start: 100_000_000, stop: 100_100_000}},
      labels: {team: 'number-theory'},
    },
  },
  {
    title: 'One bad item',
    text: 'Two inputs fail. All other results are there, and the failed items can be run again.',
    job: {
      name: 'shares of a cake',
      function: {
        runtime: 'python',
        code: 'def share(people):\n    """How much of a cake each gets."""\n    return round(360 / people, 1)\n',
      },
      inputs: [1, 2, 3, 0, 5, 'six', 7, 8],
    },
  },
  {
    title: 'π, the same each time',
    text: 'Random points, with a seed: the results do not depend on workers or chunks.',
    job: {
      name: 'estimate of π',
      function: 'estimate_pi',
      inputs: {repeat: {value: 200_000, times: 64}},
      reduce: 'mean',
      seed: 42,
    },
  },
  {
    title: 'Waiting for others',
    text: 'A function that mostly waits: 16 items at a time in one worker.',
    job: {
      name: 'slow answers',
      function: 'io_heavy',
      inputs: {repeat: {value: 0.25, times: 200}},
      workers: 1,
      threads: 16,
    },
  },
  {
    title: 'Any executable',
    text: 'A line in, a line out: each number once more behind itself.',
    job: {
      name: 'twice by sed',
      function: {runtime: 'command', command: ['sed', '-u', 's/.*/&&/']},
      inputs: [1, 2, 3, 4, 5],
    },
  },
];
