/** What the rule says. Each names the failures, and what to write instead. */
export const messages = {
  forgets: "{{name}} of rxjs forgets {{failures}} of {{role}}: import it from 'rxjs-net/rx'.",
  catches:
    "catchError of rxjs handles {{failures}}, which its type keeps: import it from 'rxjs-net/rx', or use catchFailure.",
  flattens: "{{name}} of rxjs forgets {{failures}} of the flows that it flattens: import it from 'rxjs-net/rx'.",
  throws: 'No type knows that {{failures}} is thrown here: declare the operator as Op<A, B, {{failures}}>.',
  promises:
    '{{name}} forgets {{failures}}, for a promise has no type for failures: handle them first, with catchFailure or orDie.',
  adds: "A plain Observable forgets {{failures}} of this operator: begin with from(source) of 'rxjs-net/rx'.",
  helper: "pipe() of rxjs forgets {{failures}} of this operator: import it from 'rxjs-net/rx'.",
  declared: 'The plain Observable that is declared here forgets {{failures}}: declare {{type}}.',
  passed:
    'This call gives a plain Observable back and forgets {{failures}}: let it take <F extends Observable<A>>, or a Flow.',
  stored: 'What keeps this flow declares a plain Observable and forgets {{failures}}: declare {{type}}.',
  subject:
    'A Subject between forgets {{failures}} of the flow that it subscribes to: use share(), or handle them first.',
  subscriber: 'new Observable() forgets {{failures}} of the flow that it subscribes to: declare {{type}}.',
  spread: 'pipe() with a spread list of operators forgets {{failures}}: name the operators, or declare a Flow.',
  generator:
    'This generator throws {{failures}}, and no type says so: catch them here, or handle them in the flow first.',
  import: "Import {{name}} from 'rxjs-net/rx'.",
} as const;

export type MessageId = keyof typeof messages;
