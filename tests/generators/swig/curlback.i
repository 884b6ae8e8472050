/* The header by SWIG. */
%module curlback
%{
#include "system.h"
%}
%include <stdint.i>
%include "preprocessed.h"
