// Points in time are of the ports, and their type is Runtime's only public one: a program that imports the library has it.
@_exported public import Runtime
