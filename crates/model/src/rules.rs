//! The consistency rules of the maquis, each as data: a name, a sentence in French and a function
//! that returns the offending nodes in linear time.
