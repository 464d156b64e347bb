; a * b + c with one rounding, which WebAssembly has no instruction for. Kernels ask it for what a product was rounded
; by, c = -(a b): away from the ends of float64's range that is the sum of four exact products of halves (Dekker 1971).
; Everything else is for `fma`, in integers.
declare double @fma(double, double, double)
declare double @llvm.fabs.f64(double)

define double @fused(double %a, double %b, double %c) noinline {
  %product = fmul double %a, %b
  %rest = fneg double %product
  %asked = fcmp oeq double %c, %rest
  %size = call double @llvm.fabs.f64(double %product)
  %large = fcmp ogt double %size, 1.0e-250
  %left = call double @llvm.fabs.f64(double %a)
  %right = call double @llvm.fabs.f64(double %b)
  %near = fcmp olt double %left, 1.0e290
  %close = fcmp olt double %right, 1.0e290
  %product_ok = and i1 %asked, %large
  %factors_ok = and i1 %near, %close
  %ok = and i1 %product_ok, %factors_ok
  br i1 %ok, label %quick, label %slow

quick:
  %cut_a = fmul double %a, 134217729.0
  %above_a = fsub double %cut_a, %a
  %a1 = fsub double %cut_a, %above_a
  %a2 = fsub double %a, %a1
  %cut_b = fmul double %b, 134217729.0
  %above_b = fsub double %cut_b, %b
  %b1 = fsub double %cut_b, %above_b
  %b2 = fsub double %b, %b1
  %p11 = fmul double %a1, %b1
  %p12 = fmul double %a1, %b2
  %p21 = fmul double %a2, %b1
  %p22 = fmul double %a2, %b2
  %e1 = fsub double %p11, %product
  %e2 = fadd double %e1, %p12
  %e3 = fadd double %e2, %p21
  %e4 = fadd double %e3, %p22
  ret double %e4

slow:
  %exact = call double @fma(double %a, double %b, double %c)
  ret double %exact
}
