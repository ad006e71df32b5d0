/** A style sheet is not code: the bundler puts it beside the script. */
declare module '*.css';
