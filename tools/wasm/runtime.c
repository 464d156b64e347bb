/* What kernels need of numba's runtime, and the page of the file: memory, on one thread of a wasm32.
   Free lists by size over memory that only grows; the sizes of a path's arrays come again at every run. */
#include <stddef.h>
#include <stdint.h>

#define LINE 64 /* bytes of a cache line, where arrays begin */
#define SHOWN(name) __attribute__((export_name(#name)))

typedef struct Info {
  uint64_t references; /* the first five as numba reads them */
  void *destructor, *destructor_info, *data;
  uint64_t size;
  uint32_t class; /* the power of two that it has room for */
  struct Info *next;
} Info;

extern unsigned char __heap_base;
extern const void *const addresses[]; /* of the kernels in the manifest's table */
static Info *idle[33];
static uintptr_t top, end;

/* Returns where n bytes begin that nobody else has, 0 where there are no more. */
SHOWN(take) void *take(uint32_t n) {
  if (!top) {
    top = ((uintptr_t)&__heap_base + LINE - 1) & ~(uintptr_t)(LINE - 1);
    end = __builtin_wasm_memory_size(0) << 16;
  }
  uintptr_t place = top;
  top += (n + LINE - 1) & ~(uint32_t)(LINE - 1);
  if (top > end) {
    size_t pages = (top - end + 65535) >> 16;
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) {
      top = place;
      return 0;
    }
    end += pages << 16;
  }
  return (void *)place;
}

/* Returns how much is taken; reset(to) gives back what was taken since, the kernels' own arrays with it. */
SHOWN(mark) uintptr_t mark(void) {
  take(0);
  return top;
}
SHOWN(reset) void reset(uintptr_t to) {
  top = to;
  for (int i = 0; i < 33; i++) idle[i] = 0;
}

/* Returns the address, for another kernel, of the kernel that the manifest's table numbers so. */
SHOWN(kernel_at) uintptr_t kernel_at(uint32_t index) { return (uintptr_t)addresses[index]; }

void *NRT_MemInfo_alloc_aligned(uint64_t size, uint32_t align) {
  uint32_t need = (uint32_t)size + sizeof(Info) + LINE;
  uint32_t class = 32 - __builtin_clz(need - 1);
  Info *info = idle[class];
  if (info)
    idle[class] = info->next;
  else if (!(info = take(1u << class)))
    return 0;
  info->references = 1;
  info->size = size;
  info->class = class;
  info->data = (void *)(((uintptr_t)info + sizeof(Info) + LINE - 1) & ~(uintptr_t)(LINE - 1));
  return info;
}
void *NRT_MemInfo_alloc(uint64_t size) { return NRT_MemInfo_alloc_aligned(size, LINE); }
void NRT_MemInfo_call_dtor(Info *info) {
  info->next = idle[info->class];
  idle[info->class] = info;
}

/* Another shape for the numbers of a C-contiguous array, the only kind that these kernels have. */
int numba_attempt_nocopy_reshape(int64_t nd, const int64_t *dims, const int64_t *strides, int64_t newnd,
                                 const int64_t *newdims, int64_t *newstrides, int64_t itemsize, int fortran) {
  int64_t had = 1, has = 1, step = itemsize;
  for (int64_t i = 0; i < nd; i++) had *= dims[i];
  for (int64_t i = 0; i < newnd; i++) has *= newdims[i];
  if (had != has || fortran) return 0;
  for (int64_t i = newnd; i-- > 0; step *= newdims[i]) newstrides[i] = step;
  return 1;
}
